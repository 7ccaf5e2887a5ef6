import { canonicalEmail } from '../kernel/email.ts';

/** A word that may follow a command's name: known by its place, or by a name of its own. */
export type Parameter<T> = {
  readonly kind: 'argument' | 'option' | 'flag';
  /** What the help shows for its value: `email`. */
  readonly placeholder: string;
  readonly help: string;
  readonly isRequired: boolean;
  /**
   * @param text undefined when it was left out
   * @throws UsageError
   */
  readonly read: (text: string | undefined) => T;
};

/** A command's parameters by name; an option is typed as `--name`. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** What they were given. */
export type Values<P extends Parameters> = {
  readonly [N in keyof P]: P[N] extends Parameter<infer T> ? T : never;
};

/** The words of a command line, taken apart. */
export type Given = {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | true | undefined>>;
};

/** The command line makes no sense; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How a text becomes a value; null when it breaks the rule. */
type Rule<T> = {
  readonly placeholder: string;
  readonly help: string;
  readonly read: (text: string) => T | null;
  /** What the text must be. */
  readonly rule: string;
};

/** A word that has to be there. */
export function argument<T>(rule: Rule<T>): Parameter<T> {
  return { kind: 'argument', isRequired: true, ...described(rule), read: required(rule) };
}

/** A word that may be left out. */
export function optionalArgument<T>(rule: Rule<T>, fallback: T): Parameter<T> {
  const read = required(rule);
  return {
    kind: 'argument',
    isRequired: false,
    ...described(rule),
    read: (text) => (text === undefined ? fallback : read(text)),
  };
}

/** `--name <value>` that may be left out. */
export function option<T>(rule: Rule<T>): Parameter<T | null> {
  const read = required(rule);
  return {
    kind: 'option',
    isRequired: false,
    ...described(rule),
    read: (text) => (text === undefined ? null : read(text)),
  };
}

/** `--name <value>` that has to be there. */
export function requiredOption<T>(rule: Rule<T>): Parameter<T> {
  return { kind: 'option', isRequired: true, ...described(rule), read: required(rule) };
}

/** `--name`: there or not. */
export function flag(help: string): Parameter<boolean> {
  return {
    kind: 'flag',
    isRequired: false,
    placeholder: '',
    help,
    read: (text) => text !== undefined,
  };
}

/** For commands about one account: its address in canonical form. */
export const ACCOUNT = argument({
  placeholder: 'email',
  help: 'address of the account',
  read: canonicalEmail,
  rule: 'must be the address of one account',
});

function described<T>({ placeholder, help }: Rule<T>) {
  return { placeholder, help };
}

function required<T>({ placeholder, rule, read }: Rule<T>) {
  return (text: string | undefined): T => {
    const value = text === undefined ? null : read(text);
    if (value === null) throw new UsageError(`<${placeholder}> ${rule}.`);
    return value;
  };
}

/** @throws UsageError for words that are missing, too many or break their rule */
export function readValues<P extends Parameters>(parameters: P, given: Given): Values<P> {
  const words = [...given.words];
  const values = Object.entries(parameters).map(([name, parameter]) => {
    const { kind, read } = parameter;
    const found = kind === 'argument' ? words.shift() : given.options[name];
    return [name, read(found === true ? '' : found)];
  });
  if (words.length > 0) {
    const takesNone = Object.values(parameters).every(({ kind }) => kind !== 'argument');
    throw new UsageError(
      takesNone ? 'This command takes no arguments.' : 'There are more words than it takes.',
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
      return isRequired ? `--${name}${value}` : `[--${name}${value}]`;
    })
    .join(' ');
}
