import type { Config } from '../config.ts';
import type { Environment } from '../settings/sources.ts';
import { type Given, type Parameters, readValues, type Values } from './parameters.ts';

/** The world outside of the command line. */
export type Terminal = {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Asks the person at the terminal; null if there is no terminal. */
  readonly ask: (question: string) => Promise<string | null>;
  /** The variables that the settings are read from. */
  readonly environment: () => Environment;
  /** Reads the settings. @throws ConfigError */
  readonly config: () => Config;
};

/** The part of it that a command may use. Standard output is for the command's report alone. */
export type CommandTerminal = Pick<Terminal, 'err' | 'environment' | 'config'>;

/** The result of a command. */
export type Report = {
  /** For programs: with `--json` each row is a line of standard output. Times are ISO 8601. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** For people: the lines of standard output without `--json`. */
  readonly lines: readonly string[];
  /** For people: lines of standard error, in both formats. */
  readonly notes?: readonly string[];
  /** 0 if omitted. */
  readonly exitCode?: ExitCode;
};

/** The data that a destructive command is about to remove. The operator must type the number of `rows`. */
export type Loss = { readonly rows: number; readonly what: string };

/** The meaning of each exit code. */
export const EXIT_CODES = {
  0: 'done',
  1: 'failed; the last lines of standard error say why',
  2: 'the command line is not valid; nothing was done',
  3: 'done, and the answer is no',
  4: 'not confirmed; nothing was changed',
  5: 'the command line names something that does not exist; nothing was changed',
  78: 'the settings are not valid; nothing was done',
} as const;

/** How a command ended. */
export type ExitCode = keyof typeof EXIT_CODES;

/** The exit code of commands that name one thing, such as an account. */
export const UNKNOWN = { 5: EXIT_CODES[5] } as const;

/** The declaration of a command. */
type Declaration<P extends Parameters> = {
  /** Its name on the command line: 'migrate up'. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Further text for its help. */
  readonly details?: string;
  /** Its arguments and options, in the order of the help. */
  readonly parameters: P;
  /**
   * Makes the command destructive: what it removes cannot be restored. Counts the loss without changing
   * anything. The command line adds `--dry-run` and `--yes`, and asks for confirmation (guard.ts).
   */
  readonly loss?: (values: Values<P>, terminal: CommandTerminal) => Promise<Loss>;
  readonly run: (values: Values<P>, terminal: CommandTerminal) => Promise<Report>;
  /** The meaning of its other exit codes, beside 0, 1 and 2. */
  readonly exitCodes?: Readonly<Partial<Record<ExitCode, string>>>;
};

/** A command with its parameters. */
export type Call = {
  readonly run: () => Promise<Report>;
  /** Null if the command is not destructive. */
  readonly loss: (() => Promise<Loss>) | null;
};

/** One entry in the table of commands (cli.ts). */
export type Command = Omit<Declaration<Parameters>, 'run' | 'loss'> & {
  readonly isDestructive: boolean;
  /** @throws UsageError if the words do not fit its parameters */
  readonly call: (given: Given, terminal: CommandTerminal) => Call;
};

/** Declares a command: its name, parameters, help and action. */
export function command<P extends Parameters>(declaration: Declaration<P>): Command {
  const { run, loss, ...described } = declaration;
  return {
    ...described,
    isDestructive: loss !== undefined,
    call(given, terminal) {
      const values = readValues(declaration.parameters, given);
      return {
        run: () => run(values, terminal),
        loss: loss ? () => loss(values, terminal) : null,
      };
    },
  };
}
