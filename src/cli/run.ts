import { ConfigError } from '../config.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Command, ExitCode, Terminal } from './command.ts';
import { databaseAdvice } from './database-advice.ts';
import { runGuarded } from './guard.ts';
import { capitalized, commandHelp, commandList, generalHelp, synopsis } from './help.ts';
import { type Given, UsageError } from './parameters.ts';

/** Finds and runs the command, and prints its result or its error. Returns the exit code. */
export async function runCommand(
  commands: readonly Command[],
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const wantsHelp = words[0] === 'help' || words.some((word) => HELP.has(word));
  const line = words.filter((word) => !HELP.has(word)).slice(words[0] === 'help' ? 1 : 0);
  const command = findCommand(commands, line[0] === '--version' ? ['version'] : line);
  if (wantsHelp) return help(commands, command, line, terminal);
  if (!command) return explainMissing(commands, line, terminal);
  try {
    return await runFound(command, line.slice(command.name.split(' ').length), terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(error.message);
      terminal.err(`Usage: latchkey ${synopsis(command)}`);
      return 2;
    }
    reasons(error).forEach(terminal.err);
    return error instanceof ConfigError ? 78 : 1;
  }
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
    if (kind === undefined) throw new UsageError(`Unknown option --${name}.`);
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
  line: readonly string[],
  terminal: Terminal,
): ExitCode {
  if (command) {
    commandHelp(command).forEach(terminal.out);
    return 0;
  }
  if (line.length === 0) {
    generalHelp(commands).forEach(terminal.out);
    return 0;
  }
  const group = groupOf(commands, line);
  if (line.length > 1 || group.length === 0) return explainMissing(commands, line, terminal);
  commandList(group).forEach(terminal.out);
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
    terminal.err(`There is no command '${line[0]}'. Try: latchkey help`);
    return 2;
  }
  const isComplete = line.length === 1;
  terminal.err(
    isComplete
      ? `Commands that begin with '${line[0]}':`
      : `There is no command '${line.slice(0, 2).join(' ')}'. Commands that begin with '${line[0]}':`,
  );
  commandList(group).forEach(terminal.err);
  return 2;
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
