import { ServiceUnavailableError } from '../kernel/errors.ts';
import { type Command, type ExitCode, type Terminal, UsageError } from './command.ts';

/** Finds the command, runs it, and turns whatever happens into lines and an exit code. */
export async function runCommand(
  commands: readonly Command[],
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  if (words.length === 0 || words[0] === 'help' || words.some((word) => HELP.has(word))) {
    help(commands).forEach(terminal.out);
    return words.length === 0 ? 2 : 0;
  }
  const line = words.join(' ');
  const command = commands.find(({ name }) => line === name || line.startsWith(`${name} `));
  if (!command) {
    terminal.err(`There is no command '${line}'. Try: latchkey help`);
    return 2;
  }
  try {
    return await command.run(words.slice(command.name.split(' ').length), terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(error.message);
      terminal.err(`Usage: latchkey ${synopsis(command)}`);
      return 2;
    }
    reasons(error).forEach(terminal.err);
    return 1;
  }
}

const HELP = new Set(['--help', '-h']);

function help(commands: readonly Command[]): readonly string[] {
  const width = Math.max(...commands.map((command) => synopsis(command).length));
  return [
    'Usage: latchkey <command>',
    '',
    ...commands.map((command) => `  ${synopsis(command).padEnd(width)}  ${command.summary}`),
    '',
    'Exit codes: 0 done, 1 failed, 2 not a command, 3 done and the answer is no.',
  ];
}

function synopsis({ name, usage }: Command): string {
  return usage ? `${name} ${usage}` : name;
}

/** What went wrong and why: our own errors carry no secrets in their messages. */
function reasons(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return ['Something failed.'];
  if (error instanceof ServiceUnavailableError && error.cause) return reasons(error.cause);
  const own = `${error.name}: ${error.message}`;
  return error.cause === undefined ? [own] : [own, ...reasons(error.cause)];
}
