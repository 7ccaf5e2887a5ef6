import type { EmailVerificationRequired, MfaRequired, SignedIn } from '@latchkey/client/operations';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useLatchkey } from '../context.ts';
import { useNavigation } from '../navigation.tsx';
import { secondStepOf } from '../paths.ts';
import { forgetKept, useKept } from './kept.ts';
import { returnPath } from './return-to.ts';

/** A started sign-in that waits for its second factor. */
export type Challenge = Pick<MfaRequired, 'challengeToken' | 'expiresAt' | 'methods'>;

/**
 * What is known about a person who is signing in. It survives a reload of this tab. The challenge's token
 * stands for the first factor. It is valid for five minutes, gives access to nothing without the second factor,
 * and is deleted when it expires, after the sign-in, and when the person starts again.
 */
type SignInState = {
  readonly challenge: Challenge | null;
  readonly address: string;
  /** When another mail to that address can be requested. */
  readonly resendableAt: string | null;
  readonly setChallenge: (challenge: Challenge | null) => void;
  readonly setAddress: (address: string, resendableAt?: string) => void;
};

type Mailed = Pick<SignInState, 'address' | 'resendableAt'>;
const NOBODY: Mailed = { address: '', resendableAt: null };

const SignInStateContext = createContext<SignInState | null>(null);

/** Keeps this information between the pages of a sign-in. */
export function SignInStateProvider({ children }: { readonly children: ReactNode }) {
  const [challenge, keepChallenge] = useKept<Challenge>('challenge');
  const [mailed, keepMailed] = useKept<Mailed>('mailed');
  const setters = useMemo(
    () => ({
      setChallenge: (next: Challenge | null) => keepChallenge(next, next?.expiresAt),
      setAddress: (address: string, resendableAt: string | null = null) =>
        keepMailed({ address, resendableAt }),
    }),
    [keepChallenge, keepMailed],
  );
  const state = useMemo(
    () => ({ challenge, ...(mailed ?? NOBODY), ...setters }),
    [challenge, mailed, setters],
  );
  return <SignInStateContext.Provider value={state}>{children}</SignInStateContext.Provider>;
}

/** The information about a person who is signing in. */
export function useSignInState(): SignInState {
  const state = useContext(SignInStateContext);
  if (!state) throw new Error('This component needs a LatchkeyProvider around it.');
  return state;
}

/** What follows an accepted first factor. */
export type NextStep = 'signed-in' | 'second-factor' | 'verify-email';

/** The handlers of the outcomes that all ways of signing in share. Each returns null for `Form`. */
export function useOutcomes(onNext?: (next: NextStep) => void) {
  const { session, registrations } = useLatchkey();
  const { setChallenge, setAddress } = useSignInState();
  return useMemo(
    () => ({
      SignedIn: (tokens: SignedIn): null => {
        setChallenge(null);
        forgetKept();
        session.signIn(tokens);
        onNext?.('signed-in');
        return null;
      },
      MfaRequired: ({ challengeToken, expiresAt, methods }: MfaRequired): null => {
        setChallenge({ challengeToken, expiresAt, methods });
        onNext?.('second-factor');
        return null;
      },
      EmailVerificationRequired: (
        waiting: { readonly __typename: string } & EmailVerificationRequired,
      ): null => {
        registrations.keep(waiting);
        setAddress(waiting.email, waiting.resendableAt);
        onNext?.('verify-email');
        return null;
      },
    }),
    [session, registrations, setChallenge, setAddress, onNext],
  );
}

/** Goes to the page of the next step. */
export function useGoToNext(): (next: NextStep) => void {
  const { paths } = useLatchkey();
  const { navigate } = useNavigation();
  return useMemo(
    () => (next: NextStep) => {
      if (next === 'signed-in') navigate(returnPath(paths), { replace: true });
      else navigate(next === 'second-factor' ? secondStepOf(paths) : paths.verifyEmail);
    },
    [navigate, paths],
  );
}

/** {@link useOutcomes} for the pages: each outcome leads to the page of the next step. */
export function usePageOutcomes() {
  return useOutcomes(useGoToNext());
}
