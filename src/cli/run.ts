import { ConfigError } from '../config.ts';
import { NoSuchThingError, ServiceUnavailableError } from '../kernel/errors.ts';
import { escapeControls } from '../kernel/unicode.ts';
import type { Command, ExitCode, Terminal } from './command.ts';
import { databaseAdvice } from './database-advice.ts';
import { runGuarded } from './guard.ts';
import { capitalized, commandHelp, commandList, generalHelp, helpRow, synopsis } from './help.ts';
import { didYouMean } from './nearest.ts';
import { type Given, UsageError } from './parameters.ts';

/** Finds and runs the command, and prints its result or its error. Returns the exit code. */
export async function runCommand(
  commands: readonly Command[],
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const safe = withoutControls(terminal);
  const [first] = words.filter((word) => word !== '--json');
  const wantsHelp = first === 'help' || words.some((word) => HELP.has(word));
  const line = words.filter((word) => !HELP.has(word) && !(wantsHelp && word === '--json'));
  if (line[0] === 'help') line.shift();
  const command = findCommand(commands, line[0] === '--version' ? ['version'] : line);
  if (wantsHelp) return help(commands, command, { line, isJson: words.includes('--json') }, safe);
  if (!command) return explainMissing(commands, line, safe);
  try {
    return await runFound(command, line.slice(command.name.split(' ').length), safe);
  } catch (error) {
    if (error instanceof UsageError) {
      safe.err(error.message);
      safe.err(`Usage: latchkey ${synopsis(command)}`);
      return 2;
    }
    for (const reason of reasons(error)) reason.split('\n').forEach(safe.err);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigError) return 78;
  return error instanceof NoSuchThingError ? 5 : 1;
}

/**
 * Every text that reaches the terminal, without what the terminal would obey: names, user agents and a provider's texts
 * are a stranger's.
 */
function withoutControls(terminal: Terminal): Terminal {
  return {
    ...terminal,
    out: (line) => terminal.out(escapeControls(line)),
    err: (line) => terminal.err(escapeControls(line)),
    ask: (question) => terminal.ask(question.split('\n').map(escapeControls).join('\n')),
  };
}

const HELP = new Set(['--help', '-h']);

function findCommand(commands: readonly Command[], words: readonly string[]): Command | undefined {
  const line = words.join(' ');
  return commands.find(({ name }) => line === name || line.startsWith(`${name} `));
}

async function runFound(
  command: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const { isJson, consent, given } = parseWords(command, words);
  const call = command.call(given, terminal);
  const { rows, lines, notes = [], exitCode = 0 } = await runGuarded(call, terminal, consent);
  if (isJson) for (const row of rows) terminal.out(JSON.stringify(row));
  else lines.forEach(terminal.out);
  notes.forEach(terminal.err);
  return exitCode;
}

/** Parses the words of a command by its parameters and the options of every command. */
function parseWords(command: Command, words: readonly string[]) {
  const own = Object.entries(command.parameters).filter(([, { kind }]) => kind !== 'argument');
  const kinds = new Map<string, string>([
    ...own.map(([name, { kind }]) => [name, kind] as const),
    ...[...(command.isDestructive ? GUARD : []), 'json'].map((name) => [name, 'flag'] as const),
  ]);
  const { positionals, options } = splitWords(kinds, words);
  const { json, yes, 'dry-run': dryRun, ...others } = options;
  if (yes && dryRun) throw new UsageError('Use either --dry-run or --yes, not both.');
  const given: Given = { words: positionals, options: others };
  const consent = { isDryRun: dryRun !== undefined, isSure: yes !== undefined };
  return { isJson: json !== undefined, consent, given };
}

const GUARD = ['dry-run', 'yes'];

/**
 * The form of an option. Other words with a dash are arguments: the id of a key is base64url and may
 * begin with a dash.
 */
const OPTION = /^--([a-z][a-z-]*)(?:=(.*))?$/s;

/** @throws UsageError for an unknown option, without the option's value */
function splitWords(kinds: ReadonlyMap<string, string>, words: readonly string[]) {
  const positionals: string[] = [];
  const options: Record<string, string[]> = {};
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') {
      positionals.push(...left.splice(0));
      break;
    }
    const [, name, inline] = OPTION.exec(word) ?? [];
    if (name === undefined) {
      positionals.push(word);
      continue;
    }
    const kind = kinds.get(name);
    if (kind === undefined)
      throw new UsageError(`Unknown option --${name}.${didYouMean(name, kinds.keys(), '--')}`);
    const earlier = options[name];
    if (earlier && kind !== 'list') throw new UsageError(`--${name} is given twice.`);
    if (kind === 'flag' && inline !== undefined) throw new UsageError(`--${name} takes no value.`);
    const value = kind === 'flag' ? '' : (inline ?? left.shift());
    if (value === undefined) throw new UsageError(`--${name} needs a value.`);
    options[name] = [...(earlier ?? []), value];
  }
  return { positionals, options };
}

function help(
  commands: readonly Command[],
  command: Command | undefined,
  { line, isJson }: { readonly line: readonly string[]; readonly isJson: boolean },
  terminal: Terminal,
): ExitCode {
  const group = line.length === 0 ? commands : groupOf(commands, line);
  if (!command && (line.length > 1 || group.length === 0)) {
    return explainMissing(commands, line, terminal);
  }
  if (isJson) {
    for (const one of command ? [command] : group) terminal.out(JSON.stringify(helpRow(one)));
  } else if (command) commandHelp(command).forEach(terminal.out);
  else if (line.length === 0) generalHelp(commands).forEach(terminal.out);
  else commandList(group).forEach(terminal.out);
  return 0;
}

/** Explains an incomplete or misspelled command: `latchkey accounts`, `latchkey accounts dissable`. */
function explainMissing(
  commands: readonly Command[],
  line: readonly string[],
  terminal: Terminal,
): ExitCode {
  if (line.length === 0) {
    generalHelp(commands).forEach(terminal.err);
    return 2;
  }
  const group = groupOf(commands, line);
  if (group.length === 0) {
    terminal.err(
      `There is no command '${line[0]}'.${suggestion(commands, line)} Try: latchkey help`,
    );
    return 2;
  }
  const isComplete = line.length === 1;
  terminal.err(
    isComplete
      ? `Commands that begin with '${line[0]}':`
      : `There is no command '${line.slice(0, 2).join(' ')}'.${suggestion(commands, line)} Commands that begin with '${line[0]}':`,
  );
  commandList(group).forEach(terminal.err);
  return 2;
}

/** The command that was probably meant, by both words or by the first alone: `acounts`. */
function suggestion(commands: readonly Command[], line: readonly string[]): string {
  const names = commands.map(({ name }) => name);
  const firstWords = new Set(names.map((name) => name.replace(/ .*/, '')));
  const [first = '', second = ''] = line;
  const whole = didYouMean(`${first} ${second}`.trimEnd(), names, 'latchkey ');
  return whole || firstWords.has(first) ? whole : didYouMean(first, firstWords, 'latchkey ');
}

function groupOf(commands: readonly Command[], [first]: readonly string[]): readonly Command[] {
  return first === undefined ? [] : commands.filter(({ name }) => name.startsWith(`${first} `));
}

/** The error and its causes. This server's own errors are sentences without secrets. */
function reasons(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return ['An unknown error occurred.'];
  if (error instanceof ServiceUnavailableError && error.cause) return reasons(error.cause);
  const advice = databaseAdvice(error);
  if (advice !== null) return [capitalized(advice)];
  const isOurs = !(error.name in globalThis);
  const own = isOurs ? capitalized(error.message) : `${error.name}: ${error.message}`;
  return error.cause === undefined ? [own] : [own, ...reasons(error.cause)];
}
