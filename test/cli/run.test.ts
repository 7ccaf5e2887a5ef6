import { expect, test } from 'vitest';
import { type Command, type Terminal, UsageError } from '../../src/cli/command.ts';
import { runCommand } from '../../src/cli/run.ts';
import { unavailable } from '../../src/db/errors.ts';

function createTerminal() {
  const lines: string[] = [];
  const terminal: Terminal = {
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(`! ${line}`),
    ask: async () => null,
    environment: () => ({}),
    config: () => {
      throw new Error('No settings here.');
    },
  };
  return { lines, terminal };
}

const COMMANDS: readonly Command[] = [
  {
    name: 'say hello',
    usage: '[name]',
    summary: 'greet',
    async run(args, terminal) {
      if (args.length > 1) throw new UsageError('One name.');
      terminal.out(`hello ${args[0] ?? 'you'}`);
      return 0;
    },
  },
  { name: 'fail', summary: 'fail', run: () => Promise.reject(unavailable('ECONNREFUSED')) },
  { name: 'ask', summary: 'say no', run: async () => 3 },
];

test.each([
  { words: ['say', 'hello'], code: 0, line: 'hello you' },
  { words: ['say', 'hello', 'Ada'], code: 0, line: 'hello Ada' },
  { words: ['say', 'hello', 'a', 'b'], code: 2, line: '! Usage: latchkey say hello [name]' },
  { words: ['say', 'hell'], code: 2, line: "! There is no command 'say hell'. Try: latchkey help" },
  { words: ['ask'], code: 3, line: undefined },
  { words: ['fail'], code: 1, line: '! DatabaseError: A database call failed (ECONNREFUSED).' },
])('$words ends with $code', async ({ words, code, line }) => {
  const { lines, terminal } = createTerminal();
  expect(await runCommand(COMMANDS, words, terminal)).toBe(code);
  expect(lines.at(-1)).toBe(line);
});

test.each([
  [['help'], 0],
  [['--help'], 0],
  [['say', 'hello', '--help'], 0],
  [[], 2],
])('%j shows every command', async (words, code) => {
  const { lines, terminal } = createTerminal();
  expect(await runCommand(COMMANDS, words, terminal)).toBe(code);
  for (const { name } of COMMANDS) expect(lines.join('\n')).toContain(name);
});
