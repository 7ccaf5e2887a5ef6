import { createContext, type ReactNode, use, useMemo } from 'react';
import type { ChallengeFragment, TokensFragment, WaitingFragment } from '../generated/graphql';
import { forgetKept, useKept } from './kept.ts';
import { registrations } from './proofs.ts';
import { navigate } from './router.tsx';
import { useSession } from './session.tsx';

/**
 * What is known of somebody who is on the way in. It survives a reload of this tab. The challenge's token is
 * half a sign-in: it lives five minutes, opens nothing without the second factor, and is forgotten with its
 * time, with the sign-in, and by starting again.
 */
type Entrance = {
  readonly challenge: ChallengeFragment | null;
  readonly address: string;
  /** From when on a mail to that address can be asked for again. */
  readonly resendableAt: string | null;
  readonly setChallenge: (challenge: ChallengeFragment | null) => void;
  readonly setAddress: (address: string, resendableAt?: string) => void;
};

type Mailed = Pick<Entrance, 'address' | 'resendableAt'>;
const NOBODY: Mailed = { address: '', resendableAt: null };

const EntranceContext = createContext<Entrance | null>(null);

/** Keeps what is known between the pages of a sign-in. */
export function EntranceProvider({ children }: { readonly children: ReactNode }) {
  const [challenge, keepChallenge] = useKept<ChallengeFragment>('challenge');
  const [mailed, keepMailed] = useKept<Mailed>('mailed');
  const setters = useMemo(
    () => ({
      setChallenge: (next: ChallengeFragment | null) => keepChallenge(next, next?.expiresAt),
      setAddress: (address: string, resendableAt: string | null = null) =>
        keepMailed({ address, resendableAt }),
    }),
    [keepChallenge, keepMailed],
  );
  const entrance = useMemo(
    () => ({ challenge, ...(mailed ?? NOBODY), ...setters }),
    [challenge, mailed, setters],
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
        forgetKept();
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
