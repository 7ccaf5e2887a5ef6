import { match } from '@latchkey/client';
import {
  login,
  type MfaMethod,
  sendMfaEmailCode,
  startOAuth,
  verifyMfa,
} from '@latchkey/client/operations';
import { useCallback, useEffect, useState } from 'react';
import { useLatchkey, useSession } from '../context.ts';
import { useAct } from './act.ts';
import { useKept } from './kept.ts';
import { leaveFor, redirectUri } from './oauth.ts';
import { usePasskeys } from './passkeys.tsx';
import { type Problem, useProblems } from './problem.ts';
import { type NextStep, useOutcomes, useSignInState } from './sign-in-state.tsx';

/** How far a sign-in has come. */
export type SignInStep =
  /** Ask for an address and a password, or offer another way. */
  | { readonly name: 'credentials' }
  /**
   * Ask for a code of one of these methods, or for a passkey if the method is `PASSKEY`. The list is empty if no method
   * of this person remains, or none that this browser can use.
   */
  | {
      readonly name: 'second-factor';
      readonly methods: readonly MfaMethod[];
      readonly method: MfaMethod | null;
      /** When another code can be mailed; null if none was mailed yet. */
      readonly resendableAt: string | null;
    }
  | { readonly name: 'signed-in' };

/** A sign-in without a look: the step, and the functions that lead to the next one. */
export type SignInFlow = {
  readonly step: SignInStep;
  /** The address that was typed last. It survives a reload of this tab. */
  readonly address: string;
  readonly setAddress: (address: string) => void;
  readonly isBusy: boolean;
  /** What was wrong with the latest attempt, for the whole form and for single fields. */
  readonly problem: Problem | null;
  /** Each function returns the problem, too, or null. */
  readonly submitPassword: (input: {
    readonly email: string;
    readonly password: string;
  }) => Promise<Problem | null>;
  readonly chooseMethod: (method: MfaMethod) => void;
  readonly submitCode: (code: string) => Promise<Problem | null>;
  /**
   * Opens the browser's dialog for passkeys: to sign in, or as the second step. Call it within the click. Nothing
   * happens if the person cancels.
   */
  readonly submitPasskey: () => Promise<Problem | null>;
  /** Mails a code for the second factor. */
  readonly sendCode: () => Promise<Problem | { readonly resendableAt: string } | null>;
  /** Leaves for a provider, by the id in `authSettings`. */
  readonly continueWith: (provider: string) => Promise<Problem | null>;
  /** Forgets the first factor. */
  readonly restart: () => void;
};

/**
 * Signs in, step by step.
 *
 * @param options.onNext called when an attempt leads to another step, for pages with addresses of their own
 * @param options.onExpired called when the second step has to begin again with the first
 */
export function useSignIn(
  options: { readonly onNext?: (next: NextStep) => void; readonly onExpired?: () => void } = {},
): SignInFlow {
  const { onNext, onExpired } = options;
  const { session, registrations, messages, paths } = useLatchkey();
  const isSignedIn = useSession().status === 'signed-in';
  const act = useAct();
  const passkeys = usePasskeys();
  const outcomes = useOutcomes(onNext);
  const { problemOf, problemOfFault } = useProblems();
  const { challenge, address, setAddress, setChallenge } = useSignInState();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // Both belong to one challenge. Another sign-in starts with the first method again.
  const [chosen, setChosen] = useKept<{ readonly method: MfaMethod; readonly until: string }>(
    'second-step-method',
  );
  const [mailed, setMailed] = useKept<{ readonly resendableAt: string; readonly until: string }>(
    'second-step-code',
  );

  const attempt = useCallback(
    async <Result>(run: () => Promise<Result | Problem | null>) => {
      setBusy(true);
      setProblem(null);
      try {
        const result = await run();
        const isProblem = typeof result === 'object' && result !== null && 'summary' in result;
        setProblem(isProblem ? (result as Problem) : null);
        return result;
      } catch (error) {
        const fault = problemOfFault(error);
        setProblem(fault);
        return fault;
      } finally {
        setBusy(false);
      }
    },
    [problemOfFault],
  );

  const expiresAt = challenge?.expiresAt ?? '';
  const challengeToken = challenge?.challengeToken ?? '';
  const methods = (challenge?.methods ?? []).filter(
    (method) => method !== 'PASSKEY' || passkeys.isSupported(),
  );
  const method = (chosen?.until === expiresAt ? chosen.method : methods[0]) ?? null;
  useEffect(() => {
    if (method !== 'PASSKEY') return;
    // The browser's dialog opens within the click. The click also reports what is wrong.
    passkeys.prepareMfa(challengeToken).catch(() => undefined);
  }, [passkeys, method, challengeToken]);
  const expire = (): Problem | null => {
    setChallenge(null);
    onExpired?.();
    const summary = messages.problems.errors['ChallengeExpiredError'] ?? '';
    return onExpired ? null : { summary, fields: {} };
  };

  let step: SignInStep = { name: 'credentials' };
  if (isSignedIn) step = { name: 'signed-in' };
  else if (challenge) {
    const resendableAt = mailed?.until === expiresAt ? mailed.resendableAt : null;
    step = { name: 'second-factor', methods, method, resendableAt };
  }
  return {
    step,
    address,
    setAddress,
    isBusy,
    problem,
    submitPassword: ({ email, password }) =>
      attempt(async () => {
        setAddress(email);
        // Keeps this device from being locked out by strangers who guess the password. Null in cookie mode.
        const deviceToken = session.deviceToken();
        const registrationToken = registrations.tokenFor(email);
        const input = { email, password, deviceToken, registrationToken };
        return match(await act(login, { input }), {
          ...outcomes,
          Error: (refusal) => problemOf(refusal),
        });
      }),
    chooseMethod: (next) => setChosen({ method: next, until: expiresAt }, expiresAt),
    submitCode: (code) =>
      attempt(async () => {
        const input = { challengeToken, method: method ?? 'TOTP', code };
        return match(await act(verifyMfa, { input }), {
          SignedIn: outcomes.SignedIn,
          ChallengeExpiredError: expire,
          // No attempts are left, so no further code can be right.
          InvalidCodeError: (refusal) =>
            refusal.attemptsRemaining === 0 ? expire() : problemOf(refusal),
          Error: (refusal) => problemOf(refusal),
        });
      }),
    submitPasskey: () =>
      attempt(async () => {
        const outcome = challenge
          ? await passkeys.answerMfa(challengeToken)
          : await passkeys.signIn();
        return match(outcome, {
          SignedIn: outcomes.SignedIn,
          EmailVerificationRequired: outcomes.EmailVerificationRequired,
          PasskeyCanceled: () => null,
          ChallengeExpiredError: expire,
          Error: (refusal) => problemOf(refusal),
        });
      }),
    sendCode: () =>
      attempt(async () =>
        match(await act(sendMfaEmailCode, { input: { challengeToken } }), {
          EmailSent: ({ resendableAt }) => {
            setMailed({ resendableAt, until: expiresAt }, expiresAt);
            return { resendableAt };
          },
          ChallengeExpiredError: expire,
          Error: (refusal) => problemOf(refusal),
        }),
      ),
    continueWith: (provider) =>
      attempt(async () => {
        const input = { provider, redirectUri: redirectUri(paths, provider) };
        return match(await session.executeAnonymously(startOAuth, { input }), {
          OAuthStarted: leaveFor,
          Error: (refusal) => problemOf(refusal),
        });
      }),
    restart: () => setChallenge(null),
  };
}
