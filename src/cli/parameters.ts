import { canonicalEmail } from '../kernel/email.ts';
import { isOneLine } from '../kernel/unicode.ts';

/** A parameter of a command: an argument by its position, or an option by its name. A list is an option that may be given several times. */
export type Parameter<T> = {
  readonly kind: 'argument' | 'option' | 'list' | 'flag';
  /** The name of its value in the help: `email`. */
  readonly placeholder: string;
  readonly help: string;
  readonly isRequired: boolean;
  /**
   * @param text undefined if it was omitted
   * @param others the texts after the first, of a list
   * @throws UsageError
   */
  readonly read: (text?: string, ...others: readonly string[]) => T;
};

/** A command's parameters by name; an option is typed as `--name`. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of parameters. */
export type Values<P extends Parameters> = {
  readonly [N in keyof P]: P[N] extends Parameter<infer T> ? T : never;
};

/** The parsed words of a command line. */
export type Given = {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, readonly string[] | undefined>>;
};

/** The command line is invalid; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How a text is read as a value. */
type Rule<T> = {
  readonly placeholder: string;
  readonly help: string;
  readonly read: (text: string) => T | null;
  /** The rule that the text must follow. */
  readonly rule: string;
};

/** A required argument. */
export function argument<T>(rule: Rule<T>): Parameter<T> {
  return { kind: 'argument', isRequired: true, ...described(rule), read: required(rule) };
}

/** An optional argument. */
export function optionalArgument<T>(rule: Rule<T>, fallback: T): Parameter<T> {
  const read = required(rule);
  return {
    kind: 'argument',
    isRequired: false,
    ...described(rule),
    read: (text) => (text === undefined ? fallback : read(text)),
  };
}

/** An optional `--name <value>`. */
export function option<T>(rule: Rule<T>): Parameter<T | null> {
  const read = required(rule);
  return {
    kind: 'option',
    isRequired: false,
    ...described(rule),
    read: (text) => (text === undefined ? null : read(text)),
  };
}

/** A required `--name <value>`. */
export function requiredOption<T>(rule: Rule<T>): Parameter<T> {
  return { kind: 'option', isRequired: true, ...described(rule), read: required(rule) };
}

/** A required `--name <value>` that may be given several times. */
export function requiredList<T>(rule: Rule<T>): Parameter<readonly T[]> {
  const read = required(rule);
  return {
    kind: 'list',
    isRequired: true,
    ...described(rule),
    read: (text, ...others) => [read(text), ...others.map((other) => read(other))],
  };
}

/** `--name` without a value. */
export function flag(help: string): Parameter<boolean> {
  return {
    kind: 'flag',
    isRequired: false,
    placeholder: '',
    help,
    read: (text) => text !== undefined,
  };
}

/** The address of an account, in canonical form. */
export const ACCOUNT = argument({
  placeholder: 'email',
  help: 'address of the account',
  read: canonicalEmail,
  rule: 'must be the address of one account',
});

/** Longer texts belong in a ticket, which the reason can name. */
const LONGEST_REASON = 500;

/** Why the operator acts. */
export const REASON = requiredOption({
  placeholder: 'text',
  help: 'the reason, for the audit log',
  read(text) {
    const reason = text.trim();
    return reason === '' || reason.length > LONGEST_REASON || !isOneLine(reason) ? null : reason;
  },
  rule: `must give a reason in one line of at most ${LONGEST_REASON} characters`,
});

function described<T>({ placeholder, help }: Rule<T>) {
  return { placeholder, help };
}

function required<T>({ placeholder, rule, read }: Rule<T>) {
  return (text?: string): T => {
    const value = text === undefined ? null : read(text);
    if (value === null) throw new UsageError(`<${placeholder}> ${rule}.`);
    return value;
  };
}

/** Reads the values. @throws UsageError for words that are missing, too many or invalid */
export function readValues<P extends Parameters>(parameters: P, given: Given): Values<P> {
  const words = [...given.words];
  const values = Object.entries(parameters).map(([name, parameter]) => {
    const { kind, read } = parameter;
    if (kind === 'argument') return [name, read(words.shift())];
    return [name, read(...(given.options[name] ?? []))];
  });
  if (words.length > 0) {
    const takesNone = Object.values(parameters).every(({ kind }) => kind !== 'argument');
    throw new UsageError(
      takesNone ? 'This command takes no arguments.' : 'There are too many arguments.',
    );
  }
  return Object.fromEntries(values) as Values<P>;
}

/** A command's parameters as its help shows them: `<email> [--reason <text>]`. */
export function synopsisOf(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, { kind, placeholder, isRequired }]) => {
      const value = kind === 'flag' ? '' : ` <${placeholder}>`;
      if (kind === 'argument') return isRequired ? `<${placeholder}>` : `[${placeholder}]`;
      const again = kind === 'list' ? ` [--${name}${value} …]` : '';
      return isRequired ? `--${name}${value}${again}` : `[--${name}${value}]${again}`;
    })
    .join(' ');
}
