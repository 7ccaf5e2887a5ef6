import { eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, type Person, REGISTER, signUp } from '../support/journeys.ts';
import { rowsOf, latchkey as run } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

let person: Person;
const test = testWithServer();
test.beforeAll(async ({ server }) => {
  person = await signUp(server);
});

const latchkey = (server: TestServer, words: readonly string[]) =>
  run(words, {
    env: { NODE_ENV: 'test', DATABASE_URL: server.database.url },
    config: { ...server.app.deps.config, operator: 'ada (on call)' },
  });

const login = async (server: TestServer, email: string, password: string, address: string) => {
  const { data } = await server.graphql(LOGIN, { input: { email, password } }, { address });
  return String(data.login.__typename);
};

test('O-2: limits show lists what an account has used up, and limits reset frees it, with an audit event', async ({
  server,
}) => {
  for (let n = 0; n < 10; n += 1)
    await login(server, person.email, `guess ${n}`, `198.51.100.${n}`);
  expect(await login(server, person.email, PASSWORD, '198.51.100.99')).toBe('RateLimitedError');
  const shown = rowsOf(
    await latchkey(server, ['limits', 'show', person.email.toUpperCase(), '--json']),
  );
  expect(shown).toContainEqual(
    expect.objectContaining({
      limit: 'sign-in.account',
      tries: 10,
      allowance: 10,
      isClosed: true,
      closedUntil: expect.any(String),
    }),
  );
  const dry = await latchkey(server, [
    'limits',
    'reset',
    person.email,
    '--reason',
    'ticket 7',
    '--dry-run',
  ]);
  expect(dry.out.join()).toContain('Would reset');
  expect(await login(server, person.email, PASSWORD, '198.51.100.99')).toBe('RateLimitedError');

  const words = ['limits', 'reset', person.email, '--reason', 'ticket 7', '--yes', '--json'];
  const forgotten = rowsOf(await latchkey(server, words)).map(({ limit }) => limit);
  expect(forgotten).toContain('sign-in.account');
  expect(await login(server, person.email, PASSWORD, '198.51.100.99')).toBe('SignedIn');

  const { db } = server.app.deps;
  const events = await queryDatabase(
    db,
    build.select().from(auditEvents).where(eq(auditEvents.type, 'RATE_LIMITS_RESET')),
  );
  expect(events).toMatchObject([
    {
      userId: person.userId,
      actorId: null,
      detail: {
        reason: 'ticket 7',
        operator: 'ada (on call)',
        limits: expect.stringContaining('sign-in.account'),
      },
    },
  ]);
  expect(JSON.stringify(events)).not.toContain(person.email);
});

test('O-2: limits show and reset a source by its address, with the networks around it', async ({
  server,
}) => {
  const address = '2001:db8:77::1';
  for (let n = 0; n < 25; n += 1) await login(server, `nobody-${n}@example.com`, 'wrong', address);
  expect(await login(server, person.email, PASSWORD, address)).toBe('RateLimitedError');
  const shown = rowsOf(await latchkey(server, ['limits', 'show', '2001:DB8:77:0::1', '--json']));
  expect(shown.map(({ limit, isClosed }) => [limit, isClosed])).toEqual(
    expect.arrayContaining([
      ['sign-in.spray', true],
      ['sign-in.spray/56', false],
      ['sign-in.source', false],
    ]),
  );
  await latchkey(server, ['limits', 'reset', address, '--reason', 'the office', '--yes']);
  // Nothing is left, and nothing is written for nothing.
  const again = await latchkey(server, [
    'limits',
    'reset',
    address,
    '--reason',
    'the office',
    '--yes',
  ]);
  expect(again).toMatchObject({ code: 0, out: [expect.stringContaining('Nothing was changed')] });
  expect(await login(server, person.email, PASSWORD, address)).toBe('SignedIn');
  const [event] = await queryDatabase(
    server.app.deps.db,
    build.select().from(auditEvents).where(eq(auditEvents.type, 'RATE_LIMITS_RESET')).offset(1),
  );
  expect(event).toMatchObject({ userId: null, detail: { source: address, reason: 'the office' } });
});

test('O-2: limits show answers in the same form for an address without an account', async ({
  server,
}) => {
  await server.graphql(REGISTER, { input: { email: 'new@example.com', password: PASSWORD } });
  const rows = rowsOf(await latchkey(server, ['limits', 'show', 'new@example.com', '--json']));
  expect(rows).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ limit: 'mail.day', of: 'verify-email', tries: 1 }),
    ]),
  );
  expect((await latchkey(server, ['limits', 'show', 'other@example.com'])).out).toEqual([
    'Nothing is counted.',
  ]);
});

test.for([
  ['no reason', ['limits', 'reset', 'a@example.com']],
  ['an empty reason', ['limits', 'reset', 'a@example.com', '--reason', ' ']],
  ['neither address nor IP', ['limits', 'show', 'everybody']],
] as const)('O-2: %s is a mistake that changes nothing', async ([_what, words], { server }) => {
  expect(
    (await latchkey(server, [...words, ...(words[1] === 'reset' ? ['--yes'] : [])])).code,
  ).toBe(2);
});
