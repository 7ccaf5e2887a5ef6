import { FaultError, UnreachableError } from '@latchkey/client';
import type { PasswordWeakness } from '@latchkey/client/operations';
import { AuthenticatorError } from '@latchkey/client/passkeys';
import { useMemo } from 'react';
import { useMessages } from '../context.ts';
import type { Messages } from '../messages/messages.ts';

/** An error message: for the whole form, and for single fields by their names. */
export type Problem = {
  readonly summary: string;
  readonly fields: Readonly<Record<string, string>>;
  /** A limit that resets by itself: the text while the time runs, and its end by `performance.now()`. */
  readonly wait?: { readonly cause: string; readonly until: number };
  /** True if no response arrived. The problem disappears when the server is reachable again. */
  readonly isUnreachable?: boolean;
};

/** An error of the API, with the fields that only some errors have. */
type Refusal = {
  readonly __typename: string;
  readonly message: string;
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
  readonly attemptsRemaining?: number | null;
  readonly retryAfterSeconds?: number;
  readonly reasons?: readonly PasswordWeakness[];
};

/** Turns errors into messages. */
export type Problems = {
  /**
   * The message for an error of the API. Reasons for a weak password are shown beside `password`, wrong codes
   * beside `code`.
   */
  readonly problemOf: (refusal: Refusal, password?: string) => Problem;
  /** The message for a fault or a lost connection. Anything else is a bug and is reported too. */
  readonly problemOfFault: (error: unknown) => Problem;
};

/** The messages for errors, in the language of the components. */
export function useProblems(): Problems {
  const { problems: words } = useMessages();
  return useMemo(
    () => ({
      problemOf: (refusal, password = 'password') => problemOf(words, refusal, password),
      problemOfFault: (error) => problemOfFault(words, error),
    }),
    [words],
  );
}

type Words = Messages['problems'];

function problemOf(words: Words, refusal: Refusal, password: string): Problem {
  const { issues, reasons, retryAfterSeconds, attemptsRemaining } = refusal;
  if (issues && issues.length > 0) {
    return {
      summary: words.checkFields,
      fields: Object.fromEntries(issues.map(({ path, message }) => [path.at(-1) ?? '', message])),
    };
  }
  if (reasons) {
    const why = reasons.map((reason) => words.weaknesses[reason]).join(' ');
    return { summary: words.weakPassword, fields: { [password]: why } };
  }
  if (retryAfterSeconds !== undefined) {
    const cause = refusal.__typename === 'ServerBusyError' ? words.busy : words.tooMany;
    return {
      summary: words.tryAgainIn(cause, retryAfterSeconds),
      fields: {},
      wait: { cause, until: performance.now() + retryAfterSeconds * 1000 },
    };
  }
  if (refusal.__typename === 'InvalidCodeError') {
    const left = attemptsRemaining == null ? '' : ` ${words.attemptsLeft(attemptsRemaining)}`;
    const summary = `${words.wrongCode}${left}`;
    return { summary, fields: { code: summary } };
  }
  return { summary: words.errors[refusal.__typename] ?? refusal.message, fields: {} };
}

function problemOfFault(words: Words, error: unknown): Problem {
  if (error instanceof UnreachableError) {
    return { summary: words.unreachable, fields: {}, isUnreachable: true };
  }
  if (error instanceof AuthenticatorError) {
    reportError(error);
    return { summary: words.passkeyFailed, fields: {} };
  }
  if (!(error instanceof FaultError)) reportError(error);
  const request = error instanceof FaultError ? error.requestId : null;
  return { summary: words.fault(request), fields: {} };
}
