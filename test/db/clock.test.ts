import { expect, onTestFinished, test } from 'vitest';
import { type ClockOptions, createDatabaseClock } from '../../src/db/clock.ts';
import { unavailable } from '../../src/db/errors.ts';
import { memoryLog, openTestDatabase, rejection } from './support.ts';

/** Time that only moves when told to, and a database whose clock and distance are set. */
function createWorld() {
  const world = { elapsed: 5_000, databaseAt: 1_000_000, there: 0, back: 0 };
  const measure = async () => {
    world.elapsed += world.there;
    const answer = world.databaseAt + world.elapsed;
    world.elapsed += world.back;
    return answer;
  };
  return { world, measure, monotonic: () => world.elapsed };
}

async function openClock(options: Omit<ClockOptions, 'log'> & { log?: ClockOptions['log'] }) {
  // The measure never reaches a database.
  const db = {} as Parameters<typeof createDatabaseClock>[0];
  const clock = await createDatabaseClock(db, { log: memoryLog(), ...options });
  onTestFinished(() => clock.stop());
  return clock;
}

test('the time is the database’s, taken at the middle of the round trip', async () => {
  const { world, ...options } = createWorld();
  Object.assign(world, { there: 40, back: 40 });
  const clock = await openClock(options);
  expect(clock.now().getTime()).toBe(world.databaseAt + world.elapsed);
  world.elapsed += 12_345;
  expect(clock.now().getTime()).toBe(world.databaseAt + world.elapsed);
});

test('of several samples the one with the shortest round trip counts', async () => {
  const { world, measure, monotonic } = createWorld();
  const delays = [900, 300, 2, 700];
  const clock = await openClock({
    monotonic,
    measure: () => {
      world.back = delays.shift() ?? 0;
      return measure();
    },
  });
  expect(Math.abs(clock.now().getTime() - world.databaseAt - world.elapsed)).toBeLessThanOrEqual(1);
});

test('a correction is followed, and a small one never shows as time running back', async () => {
  const { world, ...options } = createWorld();
  const clock = await openClock(options);
  const before = clock.now().getTime();

  world.databaseAt -= 400;
  await clock.refresh();
  expect(clock.now().getTime()).toBe(before);
  world.elapsed += 1_000;
  expect(clock.now().getTime()).toBe(before + 600);

  world.databaseAt += 60_000;
  await clock.refresh();
  expect(clock.now().getTime()).toBe(before + 60_600);

  world.databaseAt -= 3_600_000;
  await clock.refresh();
  expect(clock.now().getTime()).toBe(before + 60_600 - 3_600_000);
});

test('a distance that varies does not make the time jitter', async () => {
  const { world, ...options } = createWorld();
  const clock = await openClock(options);
  const offset = clock.now().getTime() - world.elapsed;
  Object.assign(world, { there: 300, back: 0 });
  await clock.refresh();
  expect(clock.now().getTime() - world.elapsed).toBe(offset);
});

test('a failed reading is logged and the last one kept; at the start it is a failure', async () => {
  const { world, measure, monotonic } = createWorld();
  const log = memoryLog();
  let away = false;
  const options = {
    log,
    monotonic,
    measure: () => (away ? Promise.reject(unavailable('ECONNREFUSED')) : measure()),
  };
  const clock = await openClock(options);
  away = true;
  await clock.refresh();
  expect(log.lines).toHaveLength(1);
  expect(clock.now().getTime()).toBe(world.databaseAt + world.elapsed);
  expect(await rejection(() => openClock(options))).toMatchObject({
    name: 'ServiceUnavailableError',
  });
});

test('a real database is asked', async () => {
  const clock = await createDatabaseClock(await openTestDatabase(), { log: memoryLog() });
  onTestFinished(() => clock.stop());
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(200);
});
