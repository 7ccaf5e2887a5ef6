import { match } from '@latchkey/client';
import { useEffect, useState } from 'react';
import { usePasskeys } from './passkeys.tsx';
import { type Problem, useProblems } from './problem.ts';
import { type NextStep, useOutcomes } from './sign-in-state.tsx';
import { useAuthSettings } from './use-auth-settings.ts';

/** True if the server offers passkeys and this browser can use them. */
export function usePasskeysOffered(): boolean {
  const passkeys = usePasskeys();
  return useAuthSettings()?.passkeys === true && passkeys.isSupported();
}

/**
 * Offers passkeys among the suggestions of the field whose `autoComplete` is `username webauthn`, for as long as the
 * component is shown. A passkey that the person chooses there signs in.
 *
 * @param onNext called when that leads to another step
 * @returns what was wrong with the latest choice
 */
export function usePasskeyAutofill(onNext?: (next: NextStep) => void): Problem | null {
  const passkeys = usePasskeys();
  const isOffered = usePasskeysOffered();
  const outcomes = useOutcomes(onNext);
  const { problemOf, problemOfFault } = useProblems();
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (!isOffered) return;
    const controller = new AbortController();
    const { signal } = controller;
    const offer = async (): Promise<void> => {
      const outcome = await passkeys.signIn({ autofill: true, signal });
      const refusal = match(outcome, {
        SignedIn: outcomes.SignedIn,
        EmailVerificationRequired: outcomes.EmailVerificationRequired,
        PasskeyCanceled: () => null,
        // Turned off since the page asked for the settings.
        NotFoundError: () => null,
        Error: (error) => problemOf(error),
      });
      if (refusal === null || signal.aborted) return;
      setProblem(refusal);
      return offer();
    };
    offer().catch((error: unknown) => setProblem(problemOfFault(error)));
    return () => controller.abort();
  }, [isOffered, passkeys, outcomes, problemOf, problemOfFault]);
  return problem;
}
