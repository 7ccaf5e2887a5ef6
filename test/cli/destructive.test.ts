import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listSigningKeys } from '../../src/access-token/list.ts';
import { runCommand } from '../../src/cli/run.ts';
import { COMMANDS } from '../../src/cli.ts';
import { loadConfig } from '../../src/config.ts';
import { countRows } from '../../src/db/row-count.ts';
import { PRODUCTION } from '../config/environments.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { enrolTotp } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// CF-10: no command takes anything away from a production with people in it without being told twice.
let server: TestServer;
let person: Person;
let asked: string[];
beforeAll(async () => {
  server = await startTestServer();
  person = await enrolTotp(server, await signUp(server));
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

/** Runs a command line of production; `answer` is what the person at the terminal types. */
async function latchkey(
  words: readonly string[],
  answer: (question: string) => string | null = () => null,
  databaseUrl = server.database.url,
) {
  const keys = server.app.deps.config.secretKeys.map((key) => key.toString('base64'));
  const env = { ...PRODUCTION, DATABASE_URL: databaseUrl, SECRET_KEYS: keys.join(',') };
  const lines: string[] = [];
  const code = await runCommand(COMMANDS, words, {
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(`! ${line}`),
    ask: async (question) => {
      asked.push(question);
      return answer(question);
    },
    environment: () => env,
    config: () => loadConfig(env),
  });
  return { code, text: lines.join('\n') };
}

/** Every row of every table, as text. */
async function contents(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { db } = server.app.deps;
  const tables = await db.execute<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'`,
  );
  const rows: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const found = await db.execute<{ row: string }>(
      `select row_to_json(t)::text as row from "${name}" t`,
    );
    rows[name] = found.map(({ row }) => row).sort();
  }
  return rows;
}

const numberIn = (question: string) => /Type (\d+) to go on: $/.exec(question)?.[1] ?? 'none';

/** Every command, but those that take nothing away. */
const HARMLESS = [
  'migrate up',
  'migrate status',
  'keys list',
  'keys rotate',
  'keys reseal',
  'accounts enable',
  'config',
  'print-schema',
];

/** In an order in which each still finds what it takes away. */
const DESTRUCTIVE: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  purge: async () => [],
  'factors remove': async () => [person.email],
  'accounts disable': async () => [person.email],
  'keys revoke': async () => {
    const keys = await listSigningKeys(server.app.deps);
    return [keys.at(-1)?.kid ?? ''];
  },
  'migrate down': async () => ['1'],
};

test('CF-10: every command is destructive or known to be harmless', () => {
  const names = COMMANDS.map(({ name }) => name).toSorted();
  expect(names).toEqual([...HARMLESS, ...Object.keys(DESTRUCTIVE)].toSorted());
  for (const { name, usage = '' } of COMMANDS) {
    expect([name, usage.includes('--dry-run')]).toEqual([name, name in DESTRUCTIVE]);
  }
});

test.each(Object.entries(DESTRUCTIVE))(
  'CF-10: %s in production wants the number typed, and takes nothing away before',
  async (name, argumentsOf) => {
    const words = [...name.split(' '), ...(await argumentsOf())];
    const { db } = server.app.deps;
    expect((await countRows(db)).accounts).toBeGreaterThan(0);
    const before = await contents();

    const dry = await latchkey([...words, '--dry-run']);
    expect(dry).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^Would .*Nothing was changed/s),
    });
    expect(asked).toEqual([]);

    const refusals = [
      await latchkey(words),
      await latchkey(words, () => 'yes'),
      await latchkey(words, () => ''),
      await latchkey(words, (question) => `${numberIn(question)}0`),
    ];
    for (const { code, text } of refusals) {
      expect(code).toBe(1);
      expect(text).toContain('Nothing was changed.');
    }
    expect((await latchkey([...words, '--yes', '--dry-run'])).code).toBe(2);
    expect(await contents()).toEqual(before);

    expect(await latchkey(words, numberIn)).toMatchObject({ code: 0 });
    expect(await contents()).not.toEqual(before);
    expect(asked.every((question) => /^\d+$/.test(numberIn(question)))).toBe(true);
  },
);

test('CF-10: --yes asks nothing, and neither does a database without people', async () => {
  const database = await createTestDatabase();
  expect(await latchkey(['migrate', 'down', '1'], () => null, database.url)).toMatchObject({
    code: 0,
  });
  expect(await latchkey(['migrate', 'up'], () => null, database.url)).toMatchObject({ code: 0 });
  expect(await latchkey(['purge', '--yes'], () => null, database.url)).toMatchObject({ code: 0 });
  expect(asked).toEqual([]);
  await database.drop();
});
