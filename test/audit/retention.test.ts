import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { EVENT_TYPES, isRoutine, ROUTINE_RETENTION } from '../../src/audit/event-type.ts';
import { after, DAY, MINUTE } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import { purgeAll } from '../../src/retention/purge.ts';
import { purgesOf } from '../../src/retention/purges.ts';
import { DELETE_ACCOUNT, UPDATE_PROFILE } from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { LOGIN, type Person, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { type ServerOptions, startTestServer } from '../support/server.ts';

async function start(options: ServerOptions = {}) {
  const clock = createFakeClock();
  const server = await startTestServer({ clock, ...options });
  onTestFinished(() => server.close());
  const { deps } = server.app;
  const addEvents = (person: Person, amount: number) =>
    queryDatabase(
      deps.db,
      sql`
      insert into audit_events (id, type, at, actor_id, user_id, session_id, ip_address, user_agent, request_id, detail)
      select uuidv7(), 'SIGNED_IN', ${clock.now().toISOString()}::timestamptz, ${person.userId}::uuid,
        ${person.userId}::uuid, ${person.sessionId}::uuid, '192.0.2.1', 'Marked-Agent/1.0', 'request', '{"method":"pwd"}'
      from generate_series(1, ${amount}::int)`,
    );
  const count = async (where: ReturnType<typeof sql>): Promise<number> => {
    const [row] = await queryDatabase<{ n: number }>(
      deps.db,
      sql`select count(*)::int as n from audit_events where ${where}`,
    );
    return row?.n ?? 0;
  };
  const purge = () => purgeAll(deps, purgesOf(deps.config), { rest: 0, force: true });
  return { server, deps, clock, addEvents, count, purge };
}

test('DR-5: an account with 20,000 events is deleted within its request, and then removed from the log in batches', async () => {
  const { server, deps, clock, addEvents, count, purge } = await start();
  const person = await signUp(server);
  const bystander = await signUp(server);
  await addEvents(person, 20_000);
  await addEvents(bystander, 700);
  const { data } = await server.graphql(DELETE_ACCOUNT, undefined, { token: person.accessToken });
  expect(data.deleteAccount.__typename).toBe('AccountDeleted');
  const left = await count(sql`user_id = ${person.userId}`);
  expect(left).toBeGreaterThan(19_000);
  expect(left).toBeLessThan(20_000);
  const before = await count(sql`true`);
  clock.advance(2 * MINUTE);
  const pass = await purge();
  expect(pass?.removed['audit_erasures']).toBe(1);
  expect(await count(sql`true`)).toBe(before);
  expect(await count(sql`${person.userId}::uuid in (user_id, actor_id, session_id)`)).toBe(0);
  expect(await count(sql`user_agent = 'Marked-Agent/1.0'`)).toBe(700);
  // The events of one account stay together, under an id that belongs to nobody.
  const [same] = await queryDatabase<{ n: number }>(
    deps.db,
    sql`
    select count(*)::int as n from audit_events where user_id =
      (select user_id from audit_events where type = 'ACCOUNT_DELETED')`,
  );
  expect(same?.n).toBeGreaterThan(20_000);
  expect(await queryDatabase(deps.db, sql`select from audit_erasures`)).toHaveLength(0);
});

test('DR-5: an account with few events is removed from the log at once, and after the next pass nothing contains its id', async () => {
  const { server, deps, clock, count, purge } = await start();
  const person = await signUp(server);
  await server.graphql(UPDATE_PROFILE, { input: { name: 'Ada' } }, { token: person.accessToken });
  await server.graphql(DELETE_ACCOUNT, undefined, { token: person.accessToken });
  expect(await count(sql`user_id = ${person.userId}`)).toBe(0);
  clock.advance(2 * MINUTE);
  await purge();
  expect(await queryDatabase(deps.db, sql`select from audit_erasures`)).toHaveLength(0);
});

test('DR-5: a failed sign-in that was under way is removed too', async () => {
  const { promise: isDeleted, resolve: deleted } = Promise.withResolvers<void>();
  const { promise: isHashing, resolve: hashing } = Promise.withResolvers<void>();
  const { server, deps, clock, count, purge } = await start({
    wrapHasher: (hasher) => ({
      ...hasher,
      async verify(...given) {
        const isRight = await hasher.verify(...given);
        if (given[0] !== 'a wrong guess') return isRight;
        hashing();
        await isDeleted;
        return isRight;
      },
    }),
  });
  const person = await signUp(server);
  const { email, userId } = person;
  const guess = server.graphql(LOGIN, { input: { email, password: 'a wrong guess' } });
  await isHashing;
  await server.graphql(DELETE_ACCOUNT, undefined, { token: person.accessToken });
  deleted();
  expect((await guess).data.login.__typename).toBe('InvalidCredentialsError');
  expect(await count(sql`user_id = ${userId}`)).toBe(1);
  // A pass may run while others still write, and another one follows.
  await purge();
  expect(await count(sql`user_id = ${userId}`)).toBe(0);
  expect(await queryDatabase(deps.db, sql`select from audit_erasures`)).toHaveLength(1);
  clock.advance(2 * MINUTE);
  await purge();
  expect(await queryDatabase(deps.db, sql`select from audit_erasures`)).toHaveLength(0);
});

test('DR-6: routine events are kept for a month, all others for AUDIT_RETENTION', async () => {
  const { deps, clock, purge } = await start();
  const types = Object.keys(EVENT_TYPES) as (keyof typeof EVENT_TYPES)[];
  const kept = async () => {
    const rows = await queryDatabase<{ type: string }>(
      deps.db,
      sql`select type from audit_events order by 1`,
    );
    return rows.map(({ type }) => type);
  };
  await queryDatabase(deps.db, sql`delete from audit_events`);
  for (const type of types)
    await queryDatabase(
      deps.db,
      sql`
      insert into audit_events (id, type, at, detail, routine)
      values (${newId(deps)}, ${type}, ${clock.now().toISOString()}, '{}', ${isRoutine(type)})`,
    );
  clock.advance(ROUTINE_RETENTION - DAY);
  await purge();
  expect(await kept()).toEqual(types.toSorted());
  clock.advance(2 * DAY);
  await purge();
  expect(await kept()).toEqual(types.filter((type) => !isRoutine(type)).toSorted());
  clock.advance(after(new Date(0), deps.config.auditRetention).getTime());
  await purge();
  expect(await kept()).toEqual([]);
});

test('DR-6: events that explain a takeover are not routine', () => {
  const explaining =
    /FAILED|PASSWORD|EMAIL_CHANGE|IDENTITY|MFA_(EN|DIS)ABLED|BACKUP|REUSED|REVOKED|RATE|ACCOUNT|SIGNED_IN/;
  const routine = (Object.keys(EVENT_TYPES) as (keyof typeof EVENT_TYPES)[]).filter(isRoutine);
  expect(routine.length).toBeGreaterThan(0);
  expect(routine.filter((type) => explaining.test(type))).toEqual([]);
});
