import { expect, test } from 'vitest';
import { DAY } from '../../src/kernel/duration.ts';
import { startHousekeeping } from '../../src/retention/worker.ts';
import { until } from '../support/until.ts';
import { addSessions, createWorld } from './world.ts';

test('purges by itself, counts what it removed, and stops cleanly', async () => {
  const world = await createWorld();
  await addSessions(world, 5);
  world.clock.advance(9 * DAY);
  const worker = startHousekeeping(world.deps, world.purges, { lookEvery: 10 });
  await until(() => worker.stats().removed['sessions'] === 5);
  expect(worker.stats().failures).toBe(0);
  expect(world.log.lines).toContain('purge finished');
  await worker.stop();
  await addSessions(world, 5);
  world.clock.advance(9 * DAY);
  await worker.stop();
  expect(await world.count('sessions')).toBe(5);
});

test('a database that is away ends nothing: it is said, counted, and tried again', async () => {
  const world = await createWorld();
  await addSessions(world, 5);
  world.clock.advance(9 * DAY);
  let isAway = true;
  const db = new Proxy(world.deps.db, {
    get(target, name, receiver) {
      if (isAway && name === 'insert') throw new Error('away');
      return Reflect.get(target, name, receiver);
    },
  });
  const worker = startHousekeeping({ ...world.deps, db }, world.purges, { lookEvery: 10 });
  await until(() => worker.stats().failures > 2);
  isAway = false;
  await until(() => worker.stats().removed['sessions'] === 5);
  expect(new Set(world.log.lines)).toEqual(new Set(['purge lease query failed', 'purge finished']));
  await worker.stop();
});
