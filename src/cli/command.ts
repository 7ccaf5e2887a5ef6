import type { Config } from '../config.ts';
import { canonicalEmail } from '../kernel/email.ts';
import type { Environment } from '../settings/sources.ts';

/** What a command may use of the world. */
export type Terminal = {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Asks whoever sits at the terminal; null when nobody does. */
  readonly ask: (question: string) => Promise<string | null>;
  /** The variables the settings are read from. */
  readonly environment: () => Environment;
  /** Reads the settings. @throws ConfigError */
  readonly config: () => Config;
};

/** One thing the operator can do. */
export type Command = {
  /** The words that call it: 'migrate up'. */
  readonly name: string;
  /** What follows them, as the help shows it. */
  readonly usage?: string;
  readonly summary: string;
  /** @throws UsageError for arguments it does not know */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<ExitCode>;
};

/** 0 done · 1 failed · 2 not a command · 3 done, and the answer is no. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The command line makes no sense; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** For commands that take none. */
export function noArguments(args: readonly string[]): void {
  if (args.length > 0) throw new UsageError('This command takes no arguments.');
}

/**
 * For commands about one account.
 *
 * @returns its address in canonical form
 * @throws UsageError unless the words are one address and nothing else
 */
export function oneAddress(args: readonly string[]): string {
  const [text, ...rest] = args;
  const email = text === undefined || rest.length > 0 ? null : canonicalEmail(text);
  if (email === null) throw new UsageError('Name one account: its address.');
  return email;
}
