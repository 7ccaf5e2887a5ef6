import type { Clock } from '../../src/kernel/ports.ts';

/** A clock that moves only on command. */
export type FakeClock = Clock & { advance(milliseconds: number): void };

export function createFakeClock(start = new Date()): FakeClock {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}
