import type { Clock } from '../../src/kernel/ports.ts';

/** A clock that moves only when it is told to. */
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
