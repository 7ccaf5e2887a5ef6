import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listSigningKeys } from '../../src/access-token/list.ts';
import { COMMANDS } from '../../src/cli.ts';
import { countRows } from '../../src/db/row-count.ts';
import { PRODUCTION } from '../config/environments.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { rowsOf, latchkey as run } from '../support/latchkey.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';
import { enrollTotp } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

// CF-10: no command removes anything from a database with accounts without a confirmation.
let server: TestServer;
let person: Person;
let bystander: Person;
let asked: string[];
beforeAll(async () => {
  server = await startTestServer();
  person = await enrollTotp(server, await signUp(server));
  bystander = await signUp(server);
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

/** Runs a command line; `answer` is what the person at the terminal types. */
async function latchkey(
  words: readonly string[],
  answer: (question: string) => string | null = () => null,
  databaseUrl = server.database.url,
  mode: 'production' | 'development' = 'production',
) {
  const keys = server.app.deps.config.secretKeys.map((key) => key.toString('base64'));
  const env = {
    ...PRODUCTION,
    NODE_ENV: mode,
    ...(mode === 'development' && { PUBLIC_URL: 'http://localhost:4000' }),
    DATABASE_URL: databaseUrl,
    SECRET_KEYS: keys.join(','),
  };
  const ended = await run(words, { env, answer });
  asked.push(...ended.asked);
  return { ...ended, text: [...ended.out, ...ended.err].join('\n') };
}

/** Every row of every table, as text. */
async function contents(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { db } = server.app.deps;
  const tables = await queryDatabase<{ name: string }>(
    db,
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'`,
  );
  const rows: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const found = await queryDatabase<{ row: string }>(
      db,
      `select row_to_json(t)::text as row from "${name}" t`,
    );
    rows[name] = found.map(({ row }) => row).sort();
  }
  return rows;
}

/** The server is about to send no mail: from here on only the commands change a row. */
const mailsSent = () =>
  until(async () => {
    const waiting = await queryDatabase(
      server.app.deps.db,
      `select from mail_outbox where sent_at is null and dead_at is null`,
    );
    return waiting.length === 0;
  });

const numberIn = (question: string) => /Type (\d+) to continue: $/.exec(question)?.[1] ?? 'none';

/** Every command, but those that take nothing away. */
const HARMLESS = [
  'migrate up',
  'migrate status',
  'keys list',
  'limits show',
  'users find',
  'users show',
  'users sessions',
  'users events',
  'keys rotate',
  'keys reseal',
  'accounts enable',
  'admins grant',
  // An administrator or a token that is misused must end at once; both can be made anew.
  'admins revoke',
  'admin-tokens create',
  'admin-tokens list',
  'admin-tokens revoke',
  'config',
  'doctor',
  'print-schema',
  'health',
  'version',
];

/** In an order in which each still finds what it takes away. */
const DESTRUCTIVE: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  purge: async () => [],
  'users delete': async () => [bystander.userId, '--reason', 'ticket 7'],
  'factors remove': async () => [person.email],
  'accounts disable': async () => [person.email],
  'keys revoke': async () => {
    const keys = await listSigningKeys(server.app.deps);
    return [keys.at(-1)?.kid ?? ''];
  },
  'sessions end-all': async () => [],
  // Its registration was mailed.
  'limits reset': async () => [person.email, '--reason', 'ticket 7'],
  'migrate down': async () => ['1'],
};

test('CF-10: every command is destructive or known to be harmless', () => {
  const names = COMMANDS.map(({ name }) => name).toSorted();
  expect(names).toEqual([...HARMLESS, ...Object.keys(DESTRUCTIVE)].toSorted());
  for (const { name, isDestructive } of COMMANDS) {
    expect([name, isDestructive]).toEqual([name, name in DESTRUCTIVE]);
  }
});

test.each(Object.entries(DESTRUCTIVE))(
  'CF-10: %s requires the number to be typed if there are accounts, and removes nothing before',
  async (name, argumentsOf) => {
    const words = [...name.split(' '), ...(await argumentsOf())];
    const { db } = server.app.deps;
    expect((await countRows(db)).accounts).toBeGreaterThan(0);
    await mailsSent();
    const before = await contents();

    const dry = await latchkey([...words, '--dry-run']);
    expect(dry).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^Would .*Nothing was changed/s),
    });
    const inRows = await latchkey([...words, '--dry-run', '--json']);
    expect(rowsOf(inRows)).toEqual([
      { dryRun: true, would: expect.any(String), rows: expect.any(Number) },
    ]);
    expect(asked).toEqual([]);

    const refusals = [
      await latchkey(words),
      await latchkey([...words, '--json']),
      // An operator without NODE_ENV may have named the production database.
      await latchkey(words, () => null, server.database.url, 'development'),
      await latchkey(words, () => 'yes'),
      await latchkey(words, () => ''),
      await latchkey(words, (question) => `${numberIn(question)}0`),
    ];
    for (const { code, out, text } of refusals) {
      expect({ code, out }).toEqual({ code: 4, out: [] });
      expect(text).toContain('Nothing was changed.');
    }
    expect((await latchkey([...words, '--yes', '--dry-run'])).code).toBe(2);
    expect(await contents()).toEqual(before);

    expect(await latchkey(words, numberIn)).toMatchObject({ code: 0 });
    expect(await contents()).not.toEqual(before);
    expect(asked.every((question) => /^\d+$/.test(numberIn(question)))).toBe(true);
  },
);

test('CF-10: neither --yes nor a database without accounts asks for confirmation', async () => {
  const database = await createTestDatabase();
  expect(await latchkey(['migrate', 'down', '1'], () => null, database.url)).toMatchObject({
    code: 0,
  });
  expect(await latchkey(['migrate', 'up'], () => null, database.url)).toMatchObject({ code: 0 });
  expect(await latchkey(['purge', '--yes'], () => null, database.url)).toMatchObject({ code: 0 });
  expect(asked).toEqual([]);
  await database.drop();
});
