import type { Config } from '../config.ts';
import type { Environment } from '../settings/sources.ts';
import { type Given, type Parameters, readValues, type Values } from './parameters.ts';

/** What the command line may use of the world. */
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

/** What one command may use of it: standard output belongs to its report alone. */
export type CommandTerminal = Pick<Terminal, 'err' | 'environment' | 'config'>;

/** What a command answers. */
export type Report = {
  /** For programs: with `--json` each is a line of standard output. Moments are ISO 8601 texts. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** For people: the lines of standard output without `--json`. */
  readonly lines: readonly string[];
  /** For people, on standard error, whatever the format. */
  readonly notes?: readonly string[];
  /** 0 when left out. */
  readonly exitCode?: ExitCode;
};

/** What a command is about to take away: `rows` is the number that has to be typed. */
export type Loss = { readonly rows: number; readonly what: string };

/** What every exit code means. */
export const EXIT_CODES = {
  0: 'done',
  1: 'failed; the last lines of standard error say why',
  2: 'the command line is not valid; nothing was done',
  3: 'done, and the answer is no',
  4: 'not confirmed; nothing was changed',
  78: 'the settings are not valid; nothing was done',
} as const;

/** How a command ended. */
export type ExitCode = keyof typeof EXIT_CODES;

/** One thing the operator can do, as its room declares it. */
type Declaration<P extends Parameters> = {
  /** The words that call it: 'migrate up'. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What else its help says. */
  readonly details?: string;
  /** What may follow its name, in the order of the help. */
  readonly parameters: P;
  /**
   * Makes the command destructive: it takes away what nothing brings back. Counts that without changing
   * anything. The command line adds `--dry-run` and `--yes`, and asks (guard.ts).
   */
  readonly loss?: (values: Values<P>, terminal: CommandTerminal) => Promise<Loss>;
  readonly run: (values: Values<P>, terminal: CommandTerminal) => Promise<Report>;
  /** What its other exit codes mean, beside 0, 1 and 2. */
  readonly exitCodes?: Readonly<Partial<Record<ExitCode, string>>>;
};

/** A command whose words were read. */
export type Call = {
  readonly run: () => Promise<Report>;
  /** Null when it is not destructive. */
  readonly loss: (() => Promise<Loss>) | null;
};

/** One line of the table of commands (cli.ts). */
export type Command = Omit<Declaration<Parameters>, 'run' | 'loss'> & {
  readonly isDestructive: boolean;
  /** @throws UsageError for words that do not fit its parameters */
  readonly call: (given: Given, terminal: CommandTerminal) => Call;
};

/** Declares a command: its name, its parameters, its help and what it does. */
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
