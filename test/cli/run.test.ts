import { expect, test } from 'vitest';
import { type Command, command } from '../../src/cli/command.ts';
import {
  argument,
  flag,
  option,
  optionalArgument,
  requiredOption,
} from '../../src/cli/parameters.ts';
import { ConfigError } from '../../src/config.ts';
import { unavailable } from '../../src/db/errors.ts';
import { latchkey, rowsOf } from '../support/latchkey.ts';

const word = {
  placeholder: 'name',
  help: 'whom',
  read: (text: string) => text,
  rule: 'must be a name',
};
const nothing = { rows: [], lines: [] };

const COMMANDS: readonly Command[] = [
  command({
    name: 'say hello',
    summary: 'greet',
    parameters: {
      name: optionalArgument(word, 'you'),
      from: option({ ...word, placeholder: 'who' }),
      loud: flag('shout'),
    },
    async run({ name, from, loud }) {
      const text = `hello ${name}${from === null ? '' : ` from ${from}`}${loud ? '!' : ''}`;
      return { rows: [{ text, at: new Date(0) }, { text: 'bye' }], lines: [text], notes: ['said'] };
    },
  }),
  command({
    name: 'say goodbye',
    summary: 'part',
    parameters: {
      number: argument({ ...word, placeholder: 'n', read: (text) => Number(text) || null }),
    },
    run: async () => nothing,
  }),
  command({
    name: 'explain',
    summary: 'explain',
    parameters: { why: requiredOption({ ...word, placeholder: 'text' }) },
    run: async ({ why }) => ({ rows: [{ why }], lines: [why] }),
  }),
  command({
    name: 'fail',
    summary: 'fail',
    parameters: {},
    run: () => Promise.reject(unavailable('ECONNREFUSED')),
  }),
  command({
    name: 'wait',
    summary: 'wait for a lock',
    parameters: {},
    run: () => Promise.reject(unavailable('55P03')),
  }),
  command({
    name: 'break',
    summary: 'break',
    parameters: {},
    run: () => Promise.reject(new TypeError('a mistake of ours')),
  }),
  command({
    name: 'misconfigured',
    summary: 'lack a setting',
    parameters: {},
    run: () => Promise.reject(new ConfigError([{ setting: 'PORT', rule: 'is wrong' }])),
  }),
  command({
    name: 'ask',
    summary: 'say no',
    parameters: {},
    exitCodes: { 3: 'the answer is no' },
    run: async () => ({ ...nothing, exitCode: 3 }),
  }),
];

const run = (line: string) => latchkey(line, { commands: COMMANDS });

test.each([
  { line: 'say hello', code: 0, out: ['hello you'], err: ['said'] },
  { line: 'say hello Ada --from Bob --loud', code: 0, out: ['hello Ada from Bob!'], err: ['said'] },
  { line: 'explain --why because', code: 0, out: ['because'], err: [] },
  { line: 'say hello -Bx9', code: 0, out: ['hello -Bx9'], err: ['said'] },
  { line: 'say hello --Bx9', code: 0, out: ['hello --Bx9'], err: ['said'] },
  { line: 'say hello --loud -- --bx', code: 0, out: ['hello --bx!'], err: ['said'] },
  { line: 'say hello --from=-Bob', code: 0, out: ['hello you from -Bob'], err: ['said'] },
  { line: 'ask', code: 3, out: [], err: [] },
  { line: 'fail', code: 1, out: [], err: ['A database call failed (ECONNREFUSED).'] },
  {
    line: 'wait',
    code: 1,
    out: [],
    err: [expect.stringMatching(/^Another session holds a lock .*pg_stat_activity.*\(55P03\)\.$/)],
  },
  { line: 'break', code: 1, out: [], err: ['TypeError: a mistake of ours'] },
  {
    line: 'misconfigured',
    code: 78,
    out: [],
    err: ['The settings are invalid:', '  PORT is wrong'],
  },
])('O-19: $line ends with $code', async ({ line, ...ended }) => {
  expect(await run(line)).toMatchObject(ended);
});

test.each([
  ['say hello a b', 'There are too many arguments.'],
  ['ask why', 'This command takes no arguments.'],
  ['say goodbye', '<n> must be a name.'],
  ['explain', '<text> must be a name.'],
  ['say goodbye x', '<n> must be a name.'],
  ['say hello --form x', 'Unknown option --form. Did you mean --from?'],
  ['say hello --formality x', 'Unknown option --formality.'],
  ['say hello --jsno', 'Unknown option --jsno. Did you mean --json?'],
  ['say hello --loud=very', '--loud takes no value.'],
  ['say hello --from a --from b', '--from is given twice.'],
  ['say hello --from', '--from needs a value.'],
  ['ask --yes', 'Unknown option --yes.'],
  ['ask --dry-run', 'Unknown option --dry-run.'],
])('%s is explained, and nothing is done', async (line, sentence) => {
  const { code, out, err } = await run(line);
  expect({ code, out, first: err[0] }).toEqual({ code: 2, out: [], first: sentence });
  expect(err[1]).toMatch(/^Usage: latchkey (say|ask|explain)/);
});

test('O-19: --json prints one line of JSON for each row, and messages for people on standard error', async () => {
  const ended = await run('say hello --json');
  expect(rowsOf(ended)).toEqual([
    { text: 'hello you', at: '1970-01-01T00:00:00.000Z' },
    { text: 'bye' },
  ]);
  expect(ended.err).toEqual(['said']);
  expect(await run('fail --json')).toMatchObject({ code: 1, out: [] });
});

test.each(['help', '--help', '-h', 'help --help'])('%s shows every command', async (line) => {
  const { code, out, err } = await run(line);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  for (const { name } of COMMANDS) expect(out.join('\n')).toContain(name);
});

test.each(['say hello --help', 'help say hello', 'say hello Ada -h'])(
  'O-19: %s shows the help of that command and runs nothing',
  async (line) => {
    const { code, out } = await run(line);
    expect(code).toBe(0);
    expect(out[0]).toBe('Usage: latchkey say hello [name] [--from <who>] [--loud] [--json]');
    expect(out.join('\n')).not.toContain('hello you');
  },
);

test('a command line without words shows every command and exits with 2', async () => {
  const { code, out, err } = await run('');
  expect({ code, out }).toEqual({ code: 2, out: [] });
  for (const { name } of COMMANDS) expect(err.join('\n')).toContain(name);
});

test.each(['say', 'say hell', 'help say hell'])(
  'P-13: %s lists the possible commands',
  async (line) => {
    const { code, out, err } = await run(line);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err.join('\n')).toMatch(/say hello \[name\].*\n.*say goodbye <n>/);
  },
);

test('P-13: help for a group of commands lists them', async () => {
  const { code, out } = await run('say --help');
  expect(code).toBe(0);
  expect(out.join('\n')).toMatch(/say hello \[name\].*\n.*say goodbye <n>/);
});

test.each([
  ['frob the server', "There is no command 'frob'. Try: latchkey help"],
  ['explian', "There is no command 'explian'. Did you mean latchkey explain? Try: latchkey help"],
  ['sya hello', "There is no command 'sya'. Did you mean latchkey say hello? Try: latchkey help"],
  [
    'say helo Ada',
    "There is no command 'say helo'. Did you mean latchkey say hello? Commands that begin with 'say':",
  ],
  ['say no', "There is no command 'say no'. Commands that begin with 'say':"],
  [
    'help explian',
    "There is no command 'explian'. Did you mean latchkey explain? Try: latchkey help",
  ],
])(
  'P-13: %s names the unknown command and the one that was probably meant',
  async (line, first) => {
    const { code, out, err } = await run(line);
    expect({ code, out, first: err[0] }).toEqual({ code: 2, out: [], first });
  },
);

test.each(['help --json', '--help --json', '--json help'])(
  'O-19: %s prints a line of JSON for each command',
  async (line) => {
    const ended = await run(line);
    expect(ended).toMatchObject({ code: 0, err: [] });
    expect(rowsOf(ended)).toHaveLength(COMMANDS.length);
    expect(rowsOf(ended)[0]).toMatchObject({
      name: 'say hello',
      usage: 'latchkey say hello [name] [--from <who>] [--loud] [--json]',
      isDestructive: false,
      exitCodes: { 0: 'done' },
    });
    expect(rowsOf(await run('help say goodbye --json'))).toMatchObject([{ name: 'say goodbye' }]);
  },
);

/** Clears the screen, sets the title, and the same with the one-character forms of ESC [ and ESC ]. */
const HOSTILE =
  '\u001b[2J\u001b]0;owned\u0007\u009b2J\u009d0;owned\u009c\r\n\u007f\u2028\u202e\ud800';
/** Everything a terminal obeys or is confused by. */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;

test('O-19: what strangers wrote reaches the terminal with its control characters escaped', async () => {
  const said: string[] = [];
  const repeat = command({
    name: 'repeat',
    summary: 'repeat what a stranger wrote',
    parameters: {},
    loss: async () => ({ rows: 1, what: `greet ${HOSTILE}` }),
    run: async (_, terminal) => {
      terminal.err(HOSTILE);
      return { rows: [{ name: HOSTILE }], lines: [HOSTILE], notes: [HOSTILE] };
    },
  });
  class OwnError extends Error {
    override readonly name = 'OwnError';
  }
  const fail = command({
    name: 'refuse',
    summary: 'fail',
    parameters: {},
    run: () => Promise.reject(new OwnError(HOSTILE)),
  });
  const commands = [repeat, fail];
  const lines = ['repeat --yes', 'repeat --yes --json', 'repeat --dry-run', 'refuse', HOSTILE];
  for (const line of lines) {
    const { out, err } = await latchkey([...(line === HOSTILE ? [line] : line.split(' '))], {
      commands,
    });
    said.push(...out, ...err);
  }
  expect(said).toContain(
    '\\u001b[2J\\u001b]0;owned\\u0007\\u009b2J\\u009d0;owned\\u009c\\u000d\\u000a\\u007f\\u2028\\u202e\\ud800',
  );
  expect(said.filter((line) => OBEYED.test(line))).toEqual([]);
  const { out } = await latchkey('repeat --yes --json', { commands });
  expect(JSON.parse(out[0] ?? '')).toEqual({ name: HOSTILE });
});

test('names keep their letters, joiners and emoji', async () => {
  for (const name of ['Ada', 'Иван', 'عَلِيّ', '山田', '👩‍💻', 'می‌خواهم']) {
    expect((await latchkey(['say', 'hello', name], { commands: COMMANDS })).out).toEqual([
      `hello ${name}`,
    ]);
  }
});
