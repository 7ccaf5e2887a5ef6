import { type Command, EXIT_CODES, type ExitCode } from './command.ts';
import { synopsisOf } from './parameters.ts';

/** Options of every command. */
const COMMON = [
  ['--json', 'one line of JSON for each row, and nothing else, on standard output'],
  ['-h, --help', 'show this help and do nothing'],
] as const;

/** Options of every destructive command. */
const DESTRUCTIVE = [
  ['--dry-run', 'count what would be removed, and change nothing'],
  ['--yes', 'do not ask for confirmation, even if the database has accounts'],
] as const;

/** The parameters of a command with their meaning, its own first. */
export function parametersOf(command: Command): readonly (readonly [string, string])[] {
  const own = Object.entries(command.parameters).map(([name, { kind, placeholder, help }]) => {
    if (kind === 'argument') return [`<${placeholder}>`, help] as const;
    return [kind === 'flag' ? `--${name}` : `--${name} <${placeholder}>`, help] as const;
  });
  return [...own, ...(command.isDestructive ? DESTRUCTIVE : []), ...COMMON];
}

/** A command's name with its parameters. */
export function synopsis(command: Command): string {
  const guard = command.isDestructive ? '[--dry-run | --yes]' : '';
  return [command.name, synopsisOf(command.parameters), guard, '[--json]']
    .filter((part) => part !== '')
    .join(' ');
}

/** The exit codes of a command with their meaning. */
export function exitCodesOf(command: Command): readonly (readonly [ExitCode, string])[] {
  const own = { ...command.exitCodes };
  const common: readonly ExitCode[] = command.isDestructive ? [0, 1, 2, 4, 78] : [0, 1, 2, 78];
  const codes = [...new Set([...common, ...Object.keys(own).map(toExitCode)])];
  return codes
    .toSorted((one, other) => one - other)
    .map((code) => [code, own[code] ?? EXIT_CODES[code]]);
}

function toExitCode(text: string): ExitCode {
  const code = Number(text);
  if (!(code in EXIT_CODES)) throw new TypeError(`${text} is not an exit code.`);
  return code as ExitCode;
}

/** The help of one command. */
export function commandHelp(command: Command): readonly string[] {
  return [
    `Usage: latchkey ${synopsis(command)}`,
    '',
    `${capitalized(command.summary)}.`,
    ...(command.details === undefined ? [] : [command.details]),
    '',
    ...columns(parametersOf(command)),
    '',
    'Exit codes:',
    ...columns(exitCodesOf(command).map(([code, meaning]) => [String(code), meaning])),
  ];
}

/** The same for programs. */
export function helpRow(command: Command) {
  const { name, summary, isDestructive } = command;
  const exitCodes = Object.fromEntries(exitCodesOf(command));
  return { name, usage: `latchkey ${synopsis(command)}`, summary, isDestructive, exitCodes };
}

/** A list of commands, one line each. */
export function commandList(commands: readonly Command[]): readonly string[] {
  return columns(commands.map((command) => [nameAndParameters(command), command.summary]));
}

/** The help of `latchkey`: every command, and the options of all commands. */
export function generalHelp(commands: readonly Command[]): readonly string[] {
  return [
    'Usage: latchkey <command>',
    '',
    ...commandList(commands),
    '',
    'Options of every command:',
    ...columns(COMMON),
    'Options of destructive commands:',
    ...columns(DESTRUCTIVE),
    '',
    'Exit codes:',
    ...columns(Object.entries(EXIT_CODES)),
  ];
}

/** The text with a capital first letter. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function nameAndParameters({ name, parameters }: Command): string {
  const words = synopsisOf(parameters);
  return words === '' ? name : `${name} ${words}`;
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
