import { createContext, type ReactNode, use, useMemo } from 'react';
import type { ChallengeFragment, TokensFragment, WaitingFragment } from '../generated/graphql';
import { forgetKept, useKept } from './kept.ts';
import { registrations } from './proofs.ts';
import { navigate } from './router.tsx';
import { useSession } from './session.tsx';

/**
 * What is known about a person who is signing in. It survives a reload of this tab. The challenge's token
 * stands for the first factor. It is valid for five minutes, gives access to nothing without the second factor,
 * and is deleted when it expires, after the sign-in, and when the person starts again.
 */
type Entrance = {
  readonly challenge: ChallengeFragment | null;
  readonly address: string;
  /** When another mail to that address can be requested. */
  readonly resendableAt: string | null;
  readonly setChallenge: (challenge: ChallengeFragment | null) => void;
  readonly setAddress: (address: string, resendableAt?: string) => void;
};

type Mailed = Pick<Entrance, 'address' | 'resendableAt'>;
const NOBODY: Mailed = { address: '', resendableAt: null };

const EntranceContext = createContext<Entrance | null>(null);

/** Keeps this information between the pages of a sign-in. */
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

/** The information about a person who is signing in. */
export function useEntrance(): Entrance {
  const entrance = use(EntranceContext);
  if (!entrance) throw new Error('useEntrance needs an EntranceProvider around it.');
  return entrance;
}

/** The handlers of the outcomes that all ways of signing in share. */
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
