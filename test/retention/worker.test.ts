import { expect, test } from 'vitest';
import type { Database } from '../../src/db/executor.ts';
import { DAY } from '../../src/kernel/duration.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { startRetention } from '../../src/retention/worker.ts';
import { until } from '../support/until.ts';
import { addSessions, createWorld } from './world.ts';

test('startRetention purges in the background, counts the removed rows and stops cleanly', async () => {
  const world = await createWorld();
  await addSessions(world, 5);
  world.clock.advance(9 * DAY);
  const worker = startRetention(world.deps, world.purges, { pollEvery: 10 });
  await until(() => worker.stats().removed['sessions'] === 5);
  expect(worker.stats().failures).toBe(0);
  expect(world.log.lines).toContain('purge finished');
  await worker.stop();
  await addSessions(world, 5);
  world.clock.advance(9 * DAY);
  await worker.stop();
  expect(await world.count('sessions')).toBe(5);
});

test('startRetention logs and counts a failure of the database, and tries again', async () => {
  const world = await createWorld();
  await addSessions(world, 5);
  world.clock.advance(9 * DAY);
  let isUnavailable = true;
  const { db: whole } = world.deps;
  const db: Database = {
    ...whole,
    run: (query) =>
      isUnavailable ? Promise.reject(new ServiceUnavailableError()) : whole.run(query),
  };
  const worker = startRetention({ ...world.deps, db }, world.purges, { pollEvery: 10 });
  await until(() => worker.stats().failures > 2);
  isUnavailable = false;
  await until(() => worker.stats().removed['sessions'] === 5);
  expect(new Set(world.log.lines)).toEqual(new Set(['purge lease query failed', 'purge finished']));
  await worker.stop();
});
