import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import type { ChallengeFragment, TokensFragment, WaitingFragment } from '../generated/graphql';
import { registrations } from './proofs.ts';
import { navigate } from './router.tsx';
import { useSession } from './session.tsx';

/** What is known of somebody who is on the way in. In memory alone: it is half a sign-in. */
type Entrance = {
  readonly challenge: ChallengeFragment | null;
  readonly address: string;
  /** From when on a mail to that address can be asked for again. */
  readonly resendableAt: string | null;
  readonly setChallenge: (challenge: ChallengeFragment | null) => void;
  readonly setAddress: (address: string, resendableAt?: string) => void;
};

const EntranceContext = createContext<Entrance | null>(null);

/** Keeps what is known between the pages of a sign-in. */
export function EntranceProvider({ children }: { readonly children: ReactNode }) {
  const [challenge, setChallenge] = useState<ChallengeFragment | null>(null);
  const [mailed, setMailed] = useState<Pick<Entrance, 'address' | 'resendableAt'>>({
    address: '',
    resendableAt: null,
  });
  const entrance = useMemo(
    () => ({
      challenge,
      ...mailed,
      setChallenge,
      setAddress: (address: string, resendableAt: string | null = null) =>
        setMailed({ address, resendableAt }),
    }),
    [challenge, mailed],
  );
  return <EntranceContext value={entrance}>{children}</EntranceContext>;
}

/** What is known of somebody who is on the way in. */
export function useEntrance(): Entrance {
  const entrance = use(EntranceContext);
  if (!entrance) throw new Error('useEntrance needs an EntranceProvider around it.');
  return entrance;
}

/** The functions for the outcomes that every way in shares. */
export function useEnter() {
  const session = useSession();
  const { setChallenge, setAddress } = useEntrance();
  return useMemo(
    () => ({
      SignedIn: (tokens: TokensFragment): null => {
        setChallenge(null);
        session.signIn(tokens);
        navigate('/', { replace: true });
        return null;
      },
      MfaRequired: (challenge: ChallengeFragment): null => {
        setChallenge(challenge);
        navigate('/second-step');
        return null;
      },
      EmailVerificationRequired: (waiting: WaitingFragment): null => {
        registrations.keep(waiting);
        setAddress(waiting.email, waiting.resendableAt);
        navigate('/verify-email');
        return null;
      },
    }),
    [session, setChallenge, setAddress],
  );
}
