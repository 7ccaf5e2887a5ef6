import postgres from 'postgres';
import { expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
import type { PurgePage } from '../../src/db/purge-page.ts';
import { after, DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { countPurgeable, LEASE, purgeAll } from '../../src/retention/purge.ts';
import { rotateSession } from '../../src/session/rotate-store.ts';
import { findSession } from '../../src/session/store.ts';
import { addSessions, createWorld, liveOneDay } from './world.ts';

test('RR-13, F-22: every purged table stays equally large over a simulated month', async () => {
  const world = await createWorld();
  const sizes: Readonly<Record<string, number>>[] = [];
  for (let day = 0; day < 30; day += 1) {
    await liveOneDay(world, 40);
    world.clock.advance(DAY);
    const pass = await world.purge({ batch: 25 });
    expect(pass?.failed).toEqual([]);
    sizes.push(await world.counts());
  }
  const [settled, last] = [sizes[9], sizes[29]];
  process.stdout.write(
    `F-22: rows after 10 days and after 30: ${JSON.stringify([settled, last])}\n`,
  );
  expect(last).toEqual({ ...settled, audit_events: 30 * 40 });
  for (const [table, rows] of Object.entries(last ?? {})) {
    if (table !== 'audit_events') expect(rows, table).toBeLessThanOrEqual(8 * 40);
  }
}, 60_000);

test('DR-6, O-6: the audit log is kept for its retention, and then until the end of the month', async () => {
  const world = await createWorld();
  await liveOneDay(world, 10);
  world.clock.advance(365 * DAY - MINUTE);
  await liveOneDay(world, 10);
  await world.purge();
  expect(await world.count('audit_events')).toBe(20);
  world.clock.advance(2 * MINUTE + LEASE);
  expect((await world.purge())?.removed).toMatchObject({ audit_events: 0 });
  world.clock.advance(31 * DAY);
  expect((await world.purge())?.removed).toMatchObject({ audit_events: 10 });
  expect(await world.count('audit_events')).toBe(10);
});

test('CF-10: countPurgeable counts as many rows as the purge then removes', async () => {
  const world = await createWorld();
  await liveOneDay(world, 10);
  const sql = postgres(world.database.url, { max: 1 });
  await sql`update audit_events set routine = true
    where id in (select id from audit_events limit 4)`;
  await sql.end();
  world.clock.advance((365 + 31) * DAY);
  await liveOneDay(world, 10);
  world.clock.advance(31 * DAY);
  const counted = await countPurgeable(world.deps, world.purges);
  expect(counted).toMatchObject({ audit_events: 10 });
  expect((await world.purge())?.removed).toMatchObject(counted);
});

test('a live session stays however old, an ended one for a week', async () => {
  const world = await createWorld();
  const { clock } = world;
  const now = clock.now();
  const [live] = await addSessions(world, 1, { expiresAt: after(now, 30 * DAY) });
  const [over] = await addSessions(world, 1, { expiresAt: after(now, DAY) });
  const expiresAt = after(now, 30 * DAY);
  const [revoked] = await addSessions(world, 1, { expiresAt, revokedAt: after(now, 2 * DAY) });
  const left = async () => {
    const found = [live, over, revoked].map((id) => run(world.deps.db, findSession(id ?? '')));
    return (await Promise.all(found)).map((session) => session !== null);
  };
  clock.advance(8 * DAY - SECOND);
  await world.purge();
  expect(await left()).toEqual([true, true, true]);
  clock.advance(HOUR);
  await world.purge();
  expect(await left()).toEqual([true, false, true]);
  clock.advance(DAY);
  await world.purge();
  expect(await left()).toEqual([true, false, false]);
});

test('a mail that was sent or given up is removed after a week, a waiting one never', async () => {
  const world = await createWorld();
  await liveOneDay(world, 6);
  const sql = postgres(world.database.url, { max: 1 });
  await sql`update mail_outbox set sent_at = null, dead_at = null
    where id in (select id from mail_outbox limit 2)`;
  world.clock.advance(7 * DAY - HOUR);
  await world.purge();
  expect(await world.count('mail_outbox')).toBe(6);
  world.clock.advance(2 * HOUR);
  await world.purge();
  const left = await sql`select sent_at, dead_at from mail_outbox`;
  expect([...left]).toEqual([
    { sent_at: null, dead_at: null },
    { sent_at: null, dead_at: null },
  ]);
  await sql.end();
});

test('EO-2: a mail proof stays until its attempts are reset', async () => {
  const world = await createWorld();
  await liveOneDay(world, 10);
  const sql = postgres(world.database.url, { max: 1 });
  const later = after(world.clock.now(), 3 * DAY);
  await sql`update one_time_tokens set budget_resets_at = ${later}`;
  await sql.end();
  world.clock.advance(2 * DAY);
  await world.purge();
  expect(await world.count('one_time_tokens')).toBe(10);
});

test('one of many instances that ask at once purges, in each of 40 rounds', async () => {
  const world = await createWorld();
  const instances = Array.from({ length: 5 }, () => world.open());
  for (let round = 0; round < 40; round += 1) {
    const passes = await Promise.all(
      instances.map((deps) => purgeAll(deps, world.purges, { rest: 0 })),
    );
    expect(passes.filter((pass) => pass !== null)).toHaveLength(1);
    world.clock.advance(LEASE);
  }
});

test('another instance purges after the lease of an instance that died has expired', async () => {
  const world = await createWorld();
  const [died, other] = [world.open(), world.open()];
  const dying = [{ table: 'sessions', page: () => Promise.reject(new Error('gone')) }];
  await purgeAll(died, dying);
  expect(await purgeAll(other, world.purges)).toBeNull();
  world.clock.advance(LEASE);
  expect(await purgeAll(other, world.purges)).not.toBeNull();
});

test('an instance that lost its lease during a pause removes nothing more', async () => {
  const world = await createWorld();
  const { db, ...rest } = world.open();
  let batches = 0;
  const pausing = new Proxy(db, {
    get(target, name, receiver) {
      if (name !== 'withConnection') return Reflect.get(target, name, receiver);
      return async (work: Parameters<typeof db.withConnection>[0]) => {
        batches += 1;
        if (batches === 2) {
          world.clock.advance(LEASE);
          expect(await world.purge()).not.toBeNull();
        }
        return await target.withConnection(work);
      };
    },
  });
  const pass = await purgeAll({ db: pausing, ...rest }, world.purges, { rest: 0 });
  expect(pass).toEqual({ removed: { rate_limit_counters: 0 }, failed: [] });
  expect(batches).toBe(2);
});

test('`force` takes the lease at once', async () => {
  const world = await createWorld();
  expect(await world.purge()).not.toBeNull();
  expect(await world.purge()).toBeNull();
  expect(await world.purge({ force: true })).not.toBeNull();
});

test('a table that fails is logged, and the other tables are purged', async () => {
  const world = await createWorld();
  await liveOneDay(world, 10);
  world.clock.advance(9 * DAY);
  const broken = { table: 'broken', page: () => Promise.reject(new Error('no')) };
  const pass = await purgeAll(world.deps, [broken, ...world.purges], { rest: 0 });
  expect(pass?.failed).toEqual(['broken']);
  expect(pass?.removed).toMatchObject({ sessions: 10, mail_outbox: 10 });
  expect(world.log.lines).toEqual(['table purge failed']);
});

test('O-6: a pass enlarges its batches while they are quick, and uses the smallest after one that failed', async () => {
  const world = await createWorld();
  const limits: number[] = [];
  let isSlow = true;
  const page = async (_: unknown, { limit, behind }: PurgePage) => {
    limits.push(limit);
    if (limit === 4_000 && isSlow) {
      isSlow = false;
      throw new Error('more than a statement has time for');
    }
    return { seen: limits.length < 14 ? limit : 0, removed: 0, last: behind };
  };
  const pass = await purgeAll(world.deps, [{ table: 'sessions', page }], { rest: 0 });
  expect(pass?.failed).toEqual([]);
  // On a machine that is busy it may stay at a size, and never goes beyond the largest.
  expect(limits[0]).toBe(500);
  expect(Math.max(...limits)).toBeLessThanOrEqual(5_000);
  if (!isSlow) expect(limits[limits.indexOf(4_000) + 1]).toBe(100);
  for (const [index, limit] of limits.slice(1).entries()) {
    expect(limit).toBeLessThanOrEqual(2 * (limits[index] ?? 0));
  }
});

test('O-6: a slow batch is followed by a smaller one', async () => {
  const world = await createWorld();
  const limits: number[] = [];
  const page = async (_: unknown, { limit }: PurgePage) => {
    limits.push(limit);
    const end = performance.now() + 120;
    while (performance.now() < end);
    return { seen: limits.length < 4 ? limit : 0, removed: 0, last: null };
  };
  await purgeAll(world.deps, [{ table: 'sessions', page }], { rest: 0 });
  expect(limits).toEqual([500, 250, 125, 100]);
});

test('a pass stops between two batches if its signal is aborted', async () => {
  const world = await createWorld();
  await addSessions(world, 100);
  world.clock.advance(9 * DAY);
  const stopping = new AbortController();
  const purges = world.purges.map((purge) => ({
    ...purge,
    page: (...args: Parameters<typeof purge.page>) => {
      if (purge.table === 'sessions') stopping.abort();
      return purge.page(...args);
    },
  }));
  await purgeAll(world.deps, purges, { batch: 10, rest: 0, signal: stopping.signal });
  expect(await world.count('sessions')).toBe(90);
});

test('the purge waits for no lock: an expired row that is locked is left to the next pass', async () => {
  const world = await createWorld();
  const [held] = await addSessions(world, 20);
  world.clock.advance(9 * DAY);
  const sql = postgres(world.database.url, { max: 1 });
  const holding = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = sql.begin(async (tx) => {
    await tx`select 1 from sessions where id = ${held ?? ''} for update`;
    holding.resolve();
    await release.promise;
  });
  await holding.promise;
  const started = performance.now();
  expect((await world.purge())?.removed).toMatchObject({ sessions: 19 });
  expect(performance.now() - started).toBeLessThan(1_000);
  release.resolve();
  await holder;
  await sql.end();
  expect((await world.purge({ force: true }))?.removed).toMatchObject({ sessions: 1 });
});

test('a purge blocks no refresh: all of 600 succeed while 6,000 rows are removed', async () => {
  const world = await createWorld();
  const { clock } = world;
  await addSessions(world, 6_000);
  clock.advance(9 * DAY);
  const presented = Buffer.alloc(32, 7);
  const live = await addSessions(world, 600, { refreshHash: presented });
  const { db } = world.open();
  let slowest = 0;
  const refreshAll = async () => {
    const waiting = [...live];
    const refresher = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const now = clock.now();
        const started = performance.now();
        const rotated = await run(
          db,
          rotateSession({
            ...{ sessionId: id, presented, derivation: Buffer.alloc(32, 8), now },
            ...{ isDatabaseTime: true, expiresAt: after(now, DAY), replayableSince: now },
          }),
        );
        slowest = Math.max(slowest, performance.now() - started);
        expect(rotated?.session.id).toBe(id);
      }
    };
    await Promise.all(Array.from({ length: 4 }, refresher));
  };
  const [pass] = await Promise.all([world.purge(), refreshAll()]);
  process.stdout.write(`a purge of 6,000 beside 600 refreshes: slowest ${slowest.toFixed(0)} ms\n`);
  expect(pass?.removed).toMatchObject({ sessions: 6_000 });
  expect(await world.count('sessions')).toBe(600);
  expect(slowest).toBeLessThan(1_000);
});
