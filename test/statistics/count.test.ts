import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { LAST_EVENT } from '../../src/audit/store.ts';
import type { Database } from '../../src/db/executor.ts';
import { run } from '../../src/db/executor.ts';
import { acquireLease } from '../../src/db/leases.ts';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { leases } from '../../src/db/tables/lease.ts';
import { statisticsHours, statisticsTotals } from '../../src/db/tables/statistics.ts';
import { users } from '../../src/db/tables/user.ts';
import { transaction } from '../../src/db/transaction.ts';
import { after, DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import { countAll } from '../../src/statistics/count.ts';
import { MOST_BUCKETS, readLag, readStatistics } from '../../src/statistics/read.ts';
import { startStatistics } from '../../src/statistics/worker.ts';
import { plansOf } from '../db/plans.ts';
import { addSessions, createWorld, type World } from '../retention/world.ts';
import { queryDatabase } from '../support/query-database.ts';
import { until } from '../support/until.ts';

const random = { bytes: (length: number) => randomBytes(length) };

type Event = Partial<Omit<typeof auditEvents.$inferInsert, 'at'>> & { readonly at: Date };

/** Writes events, each with an id of its time. */
async function write({ deps }: World, events: readonly Event[]) {
  const rows = events.map((event) => ({
    id: newId({ clock: { now: () => event.at }, random }),
    type: 'SIGNED_IN',
    detail: {},
    ...event,
  }));
  for (let from = 0; from < rows.length; from += 500) {
    await queryDatabase(deps.db, build.insert(auditEvents).values(rows.slice(from, from + 500)));
  }
}

async function addPeople({ deps, clock, id }: World, amount: number) {
  const now = clock.now();
  const people = Array.from({ length: amount }, (_, n) => ({
    ...{ id: id(), email: `p${n}@example.com`, createdAt: now, updatedAt: now },
  }));
  await queryDatabase(deps.db, build.insert(users).values(people));
  return people.map((person) => person.id);
}

/** Sign-ins of all people, in turns, over some hours. */
async function signIns(world: World, people: readonly string[], amount: number) {
  const start = after(world.clock.now(), -5 * HOUR);
  const events = Array.from({ length: amount }, (_, n) => {
    const userId = people[n % people.length] ?? '';
    return { at: after(start, n * 20 * SECOND), userId, actorId: userId };
  });
  await write(world, events);
  return events;
}

const sums = async ({ deps }: World) =>
  (
    await queryDatabase<Record<string, number>>(
      deps.db,
      sql`select coalesce(sum(registrations), 0)::int as registrations, coalesce(sum(sign_ins), 0)::int as "signIns",
        coalesce(sum(failed_sign_ins), 0)::int as "failedSignIns",
        coalesce(sum(second_factor_failures), 0)::int as "secondFactorFailures",
        coalesce(sum(password_resets), 0)::int as "passwordResets" from statistics_hours`,
    )
  )[0];

const lastSignIns = async ({ deps }: World) =>
  new Map(
    (
      await queryDatabase(
        deps.db,
        build.select({ id: users.id, at: users.lastSignInAt }).from(users),
      )
    ).map(({ id, at }) => [id, at]),
  );

/** The sums and the last sign-ins are those of the events, each counted once. */
async function expectCounted(world: World, events: readonly Event[]) {
  expect(await sums(world)).toMatchObject({ signIns: events.length });
  const newest = new Map(events.map(({ userId, at }) => [userId, at]));
  for (const [id, at] of await lastSignIns(world)) {
    expect(at ?? undefined).toEqual(newest.get(id));
  }
}

test('each event counts in its own hour, as what it is', async () => {
  const world = await createWorld();
  const { userId, deps } = world;
  const hour = new Date('2026-03-04T10:00:00.000Z');
  world.clock.advance(hour.getTime() + 3 * HOUR - world.clock.now().getTime());
  const own = { userId, actorId: userId };
  const at = (milliseconds: number) => after(hour, milliseconds);
  await write(world, [
    { ...own, at: at(-1), type: 'SIGNED_IN' },
    { ...own, at: at(0), type: 'SIGNED_IN' },
    { ...own, at: at(HOUR - 1), type: 'SIGNED_IN' },
    // In a session that an administrator began for the person.
    { at: at(HOUR - 1), type: 'SIGNED_IN', userId, actorId: world.id() },
    { at: at(1), type: 'SIGN_IN_FAILED' },
    { at: at(2), type: 'PASSKEY_FAILED' },
    { at: at(3), type: 'PASSKEY_FAILED', sessionId: world.id() },
    { ...own, at: at(4), type: 'SECOND_FACTOR_FAILED' },
    { ...own, at: at(5), type: 'PASSWORD_RESET' },
    { at: at(6), type: 'REGISTRATION_REQUESTED' },
    { ...own, at: at(7), type: 'ACCOUNT_CREATED' },
    { ...own, at: at(8), type: 'ACCOUNT_CREATED', detail: { method: 'oauth' } },
    { ...own, at: at(9), type: 'ACCOUNT_CREATED', detail: { by: 'administrator' } },
    { ...own, at: at(10), type: 'PROFILE_UPDATED' },
  ]);
  expect(await countAll(deps)).toEqual({ events: 14, hasTotals: true });
  const hours = await queryDatabase(
    deps.db,
    build.select().from(statisticsHours).orderBy(statisticsHours.hour),
  );
  const none = { registrations: 0, failedSignIns: 0, secondFactorFailures: 0, passwordResets: 0 };
  expect(hours).toEqual([
    { ...none, hour: at(-HOUR), signIns: 1 },
    {
      ...{ hour, registrations: 2, signIns: 2, failedSignIns: 2 },
      ...{ secondFactorFailures: 1, passwordResets: 1 },
    },
  ]);
  expect((await lastSignIns(world)).get(userId)).toEqual(at(HOUR - 1));
});

test('an event that is recorded late, under an older id, is counted: young events wait', async () => {
  const world = await createWorld();
  const { userId, clock, deps } = world;
  const own = { userId, actorId: userId };
  const begun = clock.now();
  clock.advance(5 * SECOND);
  await write(world, [{ ...own, at: clock.now() }]);
  expect(await countAll(deps)).toMatchObject({ events: 0 });
  clock.advance(LAST_EVENT - 6 * SECOND);
  // An operation that began before the event above commits only now.
  await write(world, [{ ...own, at: begun }]);
  for (const _ of [1, 2, 3]) {
    clock.advance(MINUTE);
    await countAll(deps);
  }
  expect(await sums(world)).toMatchObject({ signIns: 2 });
  expect((await lastSignIns(world)).get(userId)).toEqual(after(begun, 5 * SECOND));
});

test('a log that exists at the first start is counted from its oldest event, in bounded passes', async () => {
  const world = await createWorld();
  const events = await signIns(world, [world.userId], 95);
  const passes = [];
  for (let n = 0; n < 4; n += 1) {
    passes.push((await countAll(world.deps, { batch: 10, batches: 3 }))?.events);
    world.clock.advance(MINUTE);
  }
  expect(passes).toEqual([30, 30, 30, 5]);
  await expectCounted(world, events);
  world.clock.advance(90 * SECOND - 4 * MINUTE);
  expect(await readLag(world.deps)).toBeLessThanOrEqual(3 * 60);
});

test('each event counts once, whichever statement of a pass the process dies at', async () => {
  const world = await createWorld();
  // The totals of a first start would take up most of the statements.
  expect(await countAll(world.deps, { batches: 0 })).toMatchObject({ hasTotals: true });
  const people = await addPeople(world, 7);
  const events = await signIns(world, people, 60);
  let crashes = 0;
  let isDone = false;
  // The nth pass dies at its nth statement; the commit is one of them, and may have happened.
  for (let n = 1; !isDone && n < 200; n += 1) {
    const db = dyingAt(world.deps.db, n);
    try {
      isDone = (await countAll({ ...world.deps, db }, { batch: 10, batches: 2 }))?.events === 0;
    } catch (error) {
      expect(String(error)).toContain('died');
      crashes += 1;
    }
    world.clock.advance(2 * MINUTE);
  }
  expect(crashes).toBeGreaterThan(12);
  await expectCounted(world, events);
});

/** A database whose process dies at a statement: before it is sent, or a commit after it was done. */
function dyingAt(db: Database, statement: number): Database {
  let left = statement;
  const dying =
    <Query extends { readonly text: string }, Result>(send: (query: Query) => Promise<Result>) =>
    async (query: Query) => {
      left -= 1;
      if (left !== 0) return await send(query);
      if (query.text === 'commit' && statement % 2 === 0) await send(query);
      throw new Error('died');
    };
  return {
    ...db,
    run: dying(db.run),
    withConnection: (work) =>
      db.withConnection((connection) => work({ ...connection, run: dying(connection.run) })),
  };
}

test('of 20 racers one gets the lease, and the sums are those of the events', async () => {
  const world = await createWorld();
  const people = await addPeople(world, 10);
  const events = await signIns(world, people, 60);
  const instances = Array.from({ length: 5 }, () => world.open());
  const race = () =>
    Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        countAll(instances[n % instances.length] ?? world.deps, { batch: 20 }),
      ),
    );
  const passes = await race();
  expect(passes.filter((pass) => pass !== null)).toHaveLength(1);
  await expectCounted(world, events);
  expect((await race()).every((pass) => pass === null)).toBe(true);
});

test('two instances that both believe to hold the lease count each event once', async () => {
  const world = await createWorld();
  const { clock } = world;
  const people = await addPeople(world, 5);
  const events = await signIns(world, people, 100);
  let passes = 0;
  const work = async (deps: World['deps']) => {
    // Each lease expires while its holder is at work.
    const db: Database = {
      ...deps.db,
      withConnection: (next) => {
        clock.advance(0.7 * MINUTE);
        return deps.db.withConnection(next);
      },
    };
    for (let idle = 0; idle < 5; ) {
      const pass = await countAll({ ...deps, db }, { batch: 5, batches: 4 });
      if (pass) passes += 1;
      else clock.advance(0.7 * MINUTE);
      idle = pass?.events ? 0 : idle + 1;
    }
  };
  await Promise.all([work(world.deps), work(world.open())]);
  expect(passes).toBeGreaterThan(4);
  await expectCounted(world, events);
});

/** A database in which something happens before one of its transactions; the first is 0. */
function interruptedAt(db: Database, n: number, interrupt: () => Promise<unknown>): Database {
  let begun = 0;
  return {
    ...db,
    async withConnection(work) {
      if (begun === n) await interrupt();
      begun += 1;
      return await db.withConnection(work);
    },
  };
}

test('a pass ends at the step at which another instance has its lease', async () => {
  const world = await createWorld();
  const { deps, clock } = world;
  const totalsAt = async () =>
    (await queryDatabase(deps.db, build.select().from(statisticsTotals)))[0]?.at ?? null;
  await signIns(world, [world.userId], 50);
  const lost = async (n: number) => {
    const other = { task: 'statistics', asOf: null, expiresAt: after(clock.now(), HOUR) } as const;
    const db = interruptedAt(deps.db, n, () => run(world.open().db, acquireLease(other)));
    const pass = await countAll({ ...deps, db }, { batch: 10 });
    clock.advance(HOUR);
    return pass;
  };
  // The totals of a first start take three steps: people, sessions, and their storage.
  for (const step of [0, 1, 2]) {
    expect(await lost(step)).toEqual({ events: 0, hasTotals: false });
    expect(await totalsAt()).toBeNull();
  }
  expect(await lost(5)).toEqual({ events: 20, hasTotals: true });
  expect(await totalsAt()).not.toBeNull();
  expect(await sums(world)).toMatchObject({ signIns: 20 });
});

test('a pass that outlasts a lease extends it, so that no other instance begins', async () => {
  const world = await createWorld();
  const { deps, clock } = world;
  const other = world.open();
  const events = await signIns(world, [world.userId], 50);
  const others: unknown[] = [];
  const db: Database = {
    ...deps.db,
    async withConnection(work) {
      clock.advance(0.7 * MINUTE);
      others.push(await countAll(other));
      return await deps.db.withConnection(work);
    },
  };
  expect(await countAll({ ...deps, db }, { batch: 10 })).toEqual({ events: 50, hasTotals: true });
  expect(others.length).toBeGreaterThan(6);
  expect(new Set(others)).toEqual(new Set([null]));
  await expectCounted(world, events);
});

test('a first start counts the totals before its log, and later passes the log before the totals', async () => {
  const world = await createWorld();
  const { deps, clock } = world;
  await signIns(world, [world.userId], 50);
  expect(await countAll(deps, { batch: 10, batches: 0 })).toEqual({ events: 0, hasTotals: true });
  clock.advance(HOUR);
  const stop = new AbortController();
  // The fifth batch is the last that is not empty.
  const db = interruptedAt(deps.db, 5, async () => stop.abort());
  const pass = await countAll({ ...deps, db }, { batch: 10, signal: stop.signal });
  expect(pass).toEqual({ events: 50, hasTotals: false });
});

test('counting waits for no sign-in that is under way', async () => {
  const world = await createWorld();
  const people = await addPeople(world, 3);
  await signIns(world, people, 30);
  const other = world.open();
  const [first = ''] = people;
  await transaction(other.db, async (tx) => {
    // The reference of a new session share-locks its person.
    await run(tx, {
      text: 'select from users where id = $1 for key share',
      params: [first],
      read: () => null,
    });
    expect(await countAll(world.deps)).toMatchObject({ events: 30 });
  });
});

test('the totals are counted in pages, at most once an hour', async () => {
  const world = await createWorld();
  const { clock, deps } = world;
  const [a = '', b = '', c = ''] = await addPeople(world, 7);
  const now = clock.now().toISOString();
  await queryDatabase(
    deps.db,
    sql`update users set email_verified_at = ${now}::timestamptz where id in (${a}::uuid, ${b}::uuid)`,
  );
  await queryDatabase(
    deps.db,
    sql`update users set disabled_at = ${now}::timestamptz where id = ${b}::uuid`,
  );
  await queryDatabase(
    deps.db,
    sql`insert into email_factors (user_id, confirmed_at) values (${c}::uuid, ${now}::timestamptz)`,
  );
  await addSessions(world, 5);
  await addSessions(world, 2, { userId: b });
  await addSessions(world, 1, { userId: a, revokedAt: clock.now() });
  expect(await countAll(deps, { page: 3 })).toEqual({ events: 0, hasTotals: true });
  const totals = async () =>
    (await queryDatabase(deps.db, build.select().from(statisticsTotals)))[0];
  const counted = {
    ...{ users: 8, verified: 2, withSecondFactor: 1, withPasskey: 0, disabled: 1, liveSessions: 5 },
    at: clock.now(),
  };
  expect(await totals()).toMatchObject(counted);
  await addPeopleNamed(world, 'later');
  clock.advance(HOUR - 1);
  expect(await countAll(deps)).toMatchObject({ hasTotals: false });
  expect(await totals()).toMatchObject(counted);
  clock.advance(MINUTE + 1);
  expect(await countAll(deps)).toMatchObject({ hasTotals: true });
  expect(await totals()).toMatchObject({ users: 9, liveSessions: 0 });
});

async function addPeopleNamed({ deps, clock, id }: World, name: string) {
  const now = clock.now();
  const person = { id: id(), email: `${name}@example.com`, createdAt: now, updatedAt: now };
  await queryDatabase(deps.db, build.insert(users).values(person));
}

test('hours, days and weeks: in UTC, weeks from Monday, and nothing is left out', async () => {
  const world = await createWorld();
  const { deps } = world;
  const moment = (text: string) => new Date(`${text}:00.000Z`);
  // 2026-03-01 is a Sunday.
  const hours = ['2026-02-22T23:00', '2026-02-23T00:00', '2026-03-01T23:00', '2026-03-02T00:00'];
  for (const [n, hour] of hours.entries()) {
    const row = { hour: moment(hour), signIns: 10 ** n, passwordResets: 1 };
    await queryDatabase(deps.db, build.insert(statisticsHours).values(row));
  }
  const read = async (from: string, to: string, bucket: 'HOUR' | 'DAY' | 'WEEK') =>
    (await readStatistics(deps, { from: moment(from), to: moment(to), bucket })).buckets.map(
      (one) => [one.from.toISOString().slice(0, 13), one.signIns],
    );
  expect(await read('2026-02-23T00:00', '2026-03-02T00:01', 'WEEK')).toEqual([
    ['2026-02-23T00', 110],
    ['2026-03-02T00', 1000],
  ]);
  expect(await read('2026-02-28T12:00', '2026-03-02T00:00', 'DAY')).toEqual([
    ['2026-02-28T00', 0],
    ['2026-03-01T00', 100],
  ]);
  expect(await read('2026-02-22T22:30', '2026-02-23T02:00', 'HOUR')).toEqual([
    ['2026-02-22T22', 0],
    ['2026-02-22T23', 1],
    ['2026-02-23T00', 10],
    ['2026-02-23T01', 0],
  ]);
});

test('a time that is reversed or too long is refused before anything is read', async () => {
  const world = await createWorld();
  const from = new Date('2026-01-01T00:00:00.000Z');
  const read = (to: Date) => readStatistics(world.deps, { from, to, bucket: 'HOUR' });
  expect((await read(after(from, MOST_BUCKETS * HOUR))).buckets).toHaveLength(MOST_BUCKETS);
  expect((await read(from)).buckets).toEqual([]);
  for (const to of [after(from, MOST_BUCKETS * HOUR + 1), after(from, -DAY)]) {
    await expect(read(to)).rejects.toThrow('input');
  }
});

test('the figures never read the audit log', async () => {
  const world = await createWorld();
  const to = world.clock.now();
  const plans = await plansOf(world.deps.db, () =>
    readStatistics(world.deps, { from: after(to, -DAY), to, bucket: 'DAY' }),
  );
  expect(plans.join()).toContain('statistics_hours');
  expect(plans.join()).not.toContain('audit_events');
});

test('the worker counts in the background, survives a failure of the database, and stops cleanly', async () => {
  const world = await createWorld();
  const events = await signIns(world, [world.userId], 5);
  let isUnavailable = true;
  const { db: whole } = world.deps;
  const db: Database = {
    ...whole,
    run: (query) => (isUnavailable ? Promise.reject(new Error('away')) : whole.run(query)),
  };
  const worker = startStatistics({ ...world.deps, db }, 10);
  await until(() => world.log.lines.includes('statistics not counted'));
  isUnavailable = false;
  await until(() => world.log.lines.includes('statistics counted'));
  await worker.stop();
  await expectCounted(world, events);
  const [lease] = await queryDatabase(whole, build.select().from(leases));
  expect(lease?.task).toBe('statistics');
});
