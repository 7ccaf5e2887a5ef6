import { FaultError, UnreachableError } from '@latchkey/client';
import type { PasswordWeakness } from '../generated/graphql';

/** What went wrong, in words: for the whole form, and beside its fields by their names. */
export type Problem = {
  readonly summary: string;
  readonly fields: Readonly<Record<string, string>>;
  /** A limit that opens by itself: what is shown while the time runs, and its end by `performance.now()`. */
  readonly wait?: { readonly cause: string; readonly until: number };
  /** True when no answer came: it passes when the server can be reached again. */
  readonly isUnreachable?: boolean;
};

/** What any refusal of the API may tell, as the fragment `Refusal` asks for it. */
export type Refusal = {
  readonly __typename: string;
  readonly message: string;
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
  readonly attemptsRemaining?: number | null;
  readonly retryAfterSeconds?: number;
  readonly reasons?: readonly PasswordWeakness[];
};

const WEAKNESSES: Readonly<Record<PasswordWeakness, string>> = {
  BREACHED: 'It was found in a breach of another site.',
  COMMON: 'It is among the passwords people use most.',
  CONTAINS_PERSONAL_DATA: 'It is too close to your name, your address or this site’s name.',
  TOO_LONG: 'It is too long.',
  TOO_SHORT: 'It is too short.',
};

/** Words of our own where they help; the server’s fixed ones everywhere else. */
const WORDS: Readonly<Record<string, string>> = {
  InvalidCredentialsError: 'The email address or the password is incorrect.',
  InvalidTokenError: 'This link or code was used, has expired, or was replaced by a newer mail.',
  ChallengeExpiredError: 'This sign-in took too long or too many tries. Sign in again.',
  StepUpRequiredError: 'Nothing was changed: this needs you to confirm that it is you.',
  NotAuthenticatedError: 'You are not signed in any more.',
  LastCredentialError:
    'This is your only way to sign in. Set a password or connect another account first.',
};

/** Puts a refusal into words. Weak passwords are told beside `password`, wrong codes beside `code`. */
export function problemOf(refusal: Refusal, password = 'password'): Problem {
  const { issues, reasons, retryAfterSeconds, attemptsRemaining } = refusal;
  if (issues && issues.length > 0) {
    return {
      summary: 'Please look at what is marked.',
      fields: Object.fromEntries(issues.map(({ path, message }) => [path.at(-1) ?? '', message])),
    };
  }
  if (reasons) {
    const words = reasons.map((reason) => WEAKNESSES[reason]).join(' ');
    return { summary: 'Choose a different password.', fields: { [password]: words } };
  }
  if (retryAfterSeconds !== undefined) {
    const cause =
      refusal.__typename === 'ServerBusyError' ? 'The server is busy.' : 'Too many tries.';
    return {
      summary: `${cause} Try again in ${duration(retryAfterSeconds)}.`,
      fields: {},
      wait: { cause, until: performance.now() + retryAfterSeconds * 1000 },
    };
  }
  if (refusal.__typename === 'InvalidCodeError') {
    const left = attemptsRemaining == null ? '' : ` Tries left: ${attemptsRemaining}.`;
    const words = `This code is incorrect or has expired.${left}`;
    return { summary: words, fields: { code: words } };
  }
  return { summary: WORDS[refusal.__typename] ?? refusal.message, fields: {} };
}

/** Puts a fault or a lost connection into words. What is neither is a bug: it is reported as well. */
export function problemOfFault(error: unknown): Problem {
  if (error instanceof UnreachableError) {
    return {
      summary: 'The server could not be reached. We keep trying to reach it.',
      fields: {},
      isUnreachable: true,
    };
  }
  const request = error instanceof FaultError ? error.requestId : null;
  if (!(error instanceof FaultError)) reportError(error);
  const where = request ? ` (request ${request})` : '';
  return { summary: `Something went wrong on our side${where}. Try again later.`, fields: {} };
}

/** A time to wait, in words. */
export function duration(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${Math.ceil(seconds / 3600)} hours`;
}
