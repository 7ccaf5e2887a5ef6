import { expect, onTestFinished, test } from 'vitest';
import { type ClockOptions, createDatabaseClock } from '../../src/db/clock.ts';
import { unavailable } from '../../src/db/errors.ts';
import { memoryLog, openTestDatabase, rejection } from './support.ts';

/** A clock that advances only by assignment, and a database whose clock and round trip time are set. */
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
  // The test's measurement uses no database.
  const db = {} as Parameters<typeof createDatabaseClock>[0];
  const clock = await createDatabaseClock(db, { log: memoryLog(), ...options });
  onTestFinished(() => clock.stop());
  return clock;
}

test('the clock shows the database’s time, taken at the middle of the round trip', async () => {
  const { world, ...options } = createWorld();
  Object.assign(world, { there: 40, back: 40 });
  const clock = await openClock(options);
  expect(clock.now().getTime()).toBe(world.databaseAt + world.elapsed);
  world.elapsed += 12_345;
  expect(clock.now().getTime()).toBe(world.databaseAt + world.elapsed);
});

test('the clock uses the sample with the shortest round trip', async () => {
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

test('the clock follows a correction, and a small correction never makes it run backwards', async () => {
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

test('a varying round trip time does not make the clock jitter', async () => {
  const { world, ...options } = createWorld();
  const clock = await openClock(options);
  const offset = clock.now().getTime() - world.elapsed;
  Object.assign(world, { there: 300, back: 0 });
  await clock.refresh();
  expect(clock.now().getTime() - world.elapsed).toBe(offset);
});

test('a failed measurement is logged and the last one is kept; at the start it throws', async () => {
  const { world, measure, monotonic } = createWorld();
  const log = memoryLog();
  let isUnavailable = false;
  const options = {
    log,
    monotonic,
    measure: () => (isUnavailable ? Promise.reject(unavailable('ECONNREFUSED')) : measure()),
  };
  const clock = await openClock(options);
  isUnavailable = true;
  await clock.refresh();
  expect(log.lines).toHaveLength(1);
  expect(clock.now().getTime()).toBe(world.databaseAt + world.elapsed);
  expect(await rejection(() => openClock(options))).toMatchObject({
    name: 'ServiceUnavailableError',
  });
});

test('the clock reads a real database', async () => {
  const clock = await createDatabaseClock(await openTestDatabase(), { log: memoryLog() });
  onTestFinished(() => clock.stop());
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(200);
});
