import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import type { ChallengeFragment, TokensFragment } from '../generated/graphql';
import { navigate } from './router.tsx';
import { useSession } from './session.tsx';

/** What is known of somebody who is on the way in. In memory alone: it is half a sign-in. */
type Entrance = {
  readonly challenge: ChallengeFragment | null;
  readonly address: string;
  readonly setChallenge: (challenge: ChallengeFragment | null) => void;
  readonly setAddress: (address: string) => void;
};

const EntranceContext = createContext<Entrance | null>(null);

/** Keeps what is known between the pages of a sign-in. */
export function EntranceProvider({ children }: { readonly children: ReactNode }) {
  const [challenge, setChallenge] = useState<ChallengeFragment | null>(null);
  const [address, setAddress] = useState('');
  const entrance = useMemo(
    () => ({ challenge, address, setChallenge, setAddress }),
    [challenge, address],
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
      EmailVerificationRequired: ({ email }: { readonly email: string }): null => {
        setAddress(email);
        navigate('/verify-email');
        return null;
      },
    }),
    [session, setChallenge, setAddress],
  );
}
