import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Command, EXIT_CODES } from '../../src/cli/command.ts';
import { exitCodesOf } from '../../src/cli/help.ts';
import { COMMANDS } from '../../src/cli.ts';
import { loadConfig } from '../../src/config.ts';
import { latchkey } from '../support/latchkey.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A valid value for each parameter that must be given; it names nothing that exists. */
const VALUES: Readonly<Record<string, string>> = {
  email: 'nobody@example.com',
  'email or ip': 'nobody@example.com',
  'email or id': 'nobody@example.com',
  'id or email': '0198c0de-0000-7000-8000-000000000000',
  kid: 'nobody',
  id: '0198c0de-0000-7000-8000-000000000000',
  text: 'ticket 7',
  permission: 'USERS_READ',
  duration: '1h',
};

function lineOf({ name, parameters, isDestructive }: Command): readonly string[] {
  const given = Object.entries(parameters)
    .filter(([, { isRequired }]) => isRequired)
    .map(([option, { kind, placeholder }]) => {
      const value = VALUES[placeholder] ?? '';
      return kind === 'argument' ? [value] : [`--${option}`, value];
    });
  return [...name.split(' '), ...given.flat(), ...(isDestructive ? ['--yes'] : [])];
}

const byName = COMMANDS.map((command) => [command.name, command] as const);

/** What these answer without valid settings. They read none, or it is their job to say what is wrong. */
const WITHOUT_SETTINGS: Readonly<Record<string, number>> = {
  version: 0,
  'print-schema': 0,
  health: 1,
  config: 3,
  doctor: 1,
};

test.each(byName)('O-19: %s exits with 2 for an invalid command line', async (name, command) => {
  expect(exitCodesOf(command).map(([code]) => code)).toContain(2);
  const { code, out } = await latchkey([...name.split(' '), '--no-such-option']);
  expect({ code, out }).toEqual({ code: 2, out: [] });
});

test.each(byName)('O-19: %s exits with 78 for invalid settings', async (name, command) => {
  const env = { NODE_ENV: 'production', PORT: '1', HOST: '127.0.0.1' };
  const { code } = await latchkey(lineOf(command), { env });
  expect(code).toBe(WITHOUT_SETTINGS[name] ?? 78);
  expect(exitCodesOf(command).map(([known]) => known)).toContain(code);
});

const NAMES = new Set(['email', 'kid', 'id', 'id or email', 'email or id']);

/** Commands whose argument names something that must exist. */
const NAMING = byName.filter(([, { parameters }]) =>
  Object.values(parameters).some(
    ({ kind, placeholder }) => kind === 'argument' && NAMES.has(placeholder),
  ),
);

test.each(NAMING)(
  'O-19: %s exits with 5 for something that does not exist',
  async (_name, command) => {
    const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url });
    const ended = await latchkey([...lineOf(command), '--json'], { config });
    expect(ended).toMatchObject({
      code: 5,
      out: [],
      err: [expect.stringMatching(/^There is no /)],
    });
    expect(exitCodesOf(command).map(([code]) => code)).toContain(5);
  },
);

test('O-19: every exit code of the table is used by a command', () => {
  const used = new Set(COMMANDS.flatMap((command) => exitCodesOf(command).map(([code]) => code)));
  expect([...used].toSorted((one, other) => one - other)).toEqual(
    Object.keys(EXIT_CODES).map(Number),
  );
});
