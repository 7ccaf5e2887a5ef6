import { FaultError, UnreachableError } from '@latchkey/client';
import type { PasswordWeakness } from '../generated/graphql';

/** An error message: for the whole form, and for single fields by their names. */
export type Problem = {
  readonly summary: string;
  readonly fields: Readonly<Record<string, string>>;
  /** A limit that resets by itself: the text while the time runs, and its end by `performance.now()`. */
  readonly wait?: { readonly cause: string; readonly until: number };
  /** True if no response arrived. The problem disappears when the server is reachable again. */
  readonly isUnreachable?: boolean;
};

/** An error of the API with the fields of the fragment `Refusal`. */
export type Refusal = {
  readonly __typename: string;
  readonly message: string;
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
  readonly attemptsRemaining?: number | null;
  readonly retryAfterSeconds?: number;
  readonly reasons?: readonly PasswordWeakness[];
};

const WEAKNESSES: Readonly<Record<PasswordWeakness, string>> = {
  BREACHED: 'It appears in a data breach of another site.',
  COMMON: 'It is one of the most common passwords.',
  CONTAINS_PERSONAL_DATA:
    'It is too similar to your name, your email address or the name of this site.',
  TOO_LONG: 'It is too long.',
  TOO_SHORT: 'It is too short.',
};

/** This app's own texts where they are clearer. Everywhere else, the server’s fixed texts are shown. */
const WORDS: Readonly<Record<string, string>> = {
  InvalidCredentialsError: 'The email address or the password is incorrect.',
  InvalidTokenError: 'This link or code was used, has expired, or was replaced by a newer mail.',
  ChallengeExpiredError:
    'This sign-in attempt has expired or had too many wrong codes. Sign in again.',
  StepUpRequiredError: 'Nothing was changed. Confirm your identity first.',
  NotAuthenticatedError: 'You are no longer signed in.',
  LastCredentialError:
    'This is your only way to sign in. Set a password or connect another account first.',
};

/**
 * The message for an error of the API. Reasons for a weak password are shown beside `password`, wrong codes
 * beside `code`.
 */
export function problemOf(refusal: Refusal, password = 'password'): Problem {
  const { issues, reasons, retryAfterSeconds, attemptsRemaining } = refusal;
  if (issues && issues.length > 0) {
    return {
      summary: 'Please check the marked fields.',
      fields: Object.fromEntries(issues.map(({ path, message }) => [path.at(-1) ?? '', message])),
    };
  }
  if (reasons) {
    const words = reasons.map((reason) => WEAKNESSES[reason]).join(' ');
    return { summary: 'Choose a different password.', fields: { [password]: words } };
  }
  if (retryAfterSeconds !== undefined) {
    const cause =
      refusal.__typename === 'ServerBusyError' ? 'The server is busy.' : 'Too many attempts.';
    return {
      summary: `${cause} Try again in ${duration(retryAfterSeconds)}.`,
      fields: {},
      wait: { cause, until: performance.now() + retryAfterSeconds * 1000 },
    };
  }
  if (refusal.__typename === 'InvalidCodeError') {
    const left = attemptsRemaining == null ? '' : ` Attempts left: ${attemptsRemaining}.`;
    const words = `This code is incorrect or has expired.${left}`;
    return { summary: words, fields: { code: words } };
  }
  return { summary: WORDS[refusal.__typename] ?? refusal.message, fields: {} };
}

/** The message for a fault or a lost connection. Anything else is a bug and is reported too. */
export function problemOfFault(error: unknown): Problem {
  if (error instanceof UnreachableError) {
    return {
      summary: 'The server could not be reached. We will keep trying.',
      fields: {},
      isUnreachable: true,
    };
  }
  const request = error instanceof FaultError ? error.requestId : null;
  if (!(error instanceof FaultError)) reportError(error);
  const where = request ? ` (request ${request})` : '';
  return { summary: `Something went wrong on our side${where}. Try again later.`, fields: {} };
}

/** A duration as text. */
export function duration(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${Math.ceil(seconds / 3600)} hours`;
}
