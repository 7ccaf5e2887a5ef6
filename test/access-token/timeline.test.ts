import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextStep } from '../../src/access-token/rotation.ts';
import {
  earliestUse,
  forgettableAt,
  KEPT_AFTER,
  type KeyDates,
  PUBLISHED_AHEAD,
  pendingAt,
  signingAt,
  validityPeriods,
} from '../../src/access-token/timeline.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';

const START = Date.UTC(2026, 0, 1);
const at = (milliseconds: number) => new Date(START + milliseconds);
const LIFETIME = 30 * DAY;

const key = (kid: string, activeFrom: number, more: Partial<KeyDates> = {}): KeyDates => ({
  kid,
  createdAt: at(activeFrom - DAY),
  activeFrom: at(activeFrom),
  revokedAt: null,
  ...more,
});

/** Lets time pass in steps, doing whatever is due, as instances that poll do. */
function live(
  keys: KeyDates[],
  { from, to, every = 15 * MINUTE, lifetime = LIFETIME }: Record<string, number>,
  seen: (keys: readonly KeyDates[], now: Date) => void = () => {},
): KeyDates[] {
  let stored = keys;
  let made = stored.length;
  for (let time = from ?? 0; time <= (to ?? 0); time += every ?? 1) {
    const now = at(time);
    let steps = 0;
    for (let step = nextStep(stored, now, lifetime ?? 0); step; ) {
      steps += 1;
      if (steps > 10) throw new Error('no end of steps');
      if (step.kind === 'publish') {
        const { activeFrom } = step;
        stored = [...stored, { kid: `k${made++}`, createdAt: now, activeFrom, revokedAt: null }];
      } else if (step.kind === 'activate') {
        const { kid, activeFrom } = step;
        stored = stored.map((one) => (one.kid === kid ? { ...one, activeFrom } : one));
      } else {
        const { kids } = step;
        stored = stored.filter((one) => !kids.includes(one.kid));
      }
      step = nextStep(stored, now, lifetime ?? 0);
    }
    seen(stored, now);
  }
  return stored;
}

describe('the validity periods of signing keys', () => {
  test('meet the durations of TK-10', () => {
    expect(PUBLISHED_AHEAD).toBeGreaterThanOrEqual(600 * SECOND);
    expect(KEPT_AFTER).toBeGreaterThanOrEqual((900 + 600 + 300) * SECOND);
  });

  test('begin at active_from, to the millisecond', () => {
    const keys = [key('a', 0), key('b', HOUR)];
    // A clock set back behind the very first key: that one signs, and sign-ins go on (F-13).
    expect(signingAt(keys, at(-1))?.kid).toBe('a');
    expect(signingAt([], at(0))).toBeNull();
    expect(signingAt(keys, at(0))?.kid).toBe('a');
    expect(signingAt(keys, at(HOUR - 1))?.kid).toBe('a');
    expect(signingAt(keys, at(HOUR))?.kid).toBe('b');
    expect(pendingAt(keys, at(HOUR - 1)).map(({ kid }) => kid)).toEqual(['b']);
  });

  test('end when the successor begins, and the last tokens expire later', () => {
    const [a, b] = validityPeriods([key('b', HOUR), key('a', 0)]);
    expect(a).toMatchObject({ retiredAt: at(HOUR), expiresAt: at(HOUR + KEPT_AFTER) });
    expect(b).toMatchObject({ retiredAt: null, expiresAt: null });
  });

  test('never resume, even if the successor is revoked', () => {
    const keys = [key('a', 0), key('b', HOUR, { revokedAt: at(2 * HOUR) }), key('c', 3 * HOUR)];
    expect(signingAt(keys, at(2.5 * HOUR))).toBeNull();
    expect(validityPeriods(keys)[0]?.retiredAt).toEqual(at(HOUR));
    expect(validityPeriods(keys)[1]?.expiresAt).toEqual(at(2 * HOUR));
  });

  test('continue if a key is revoked that has not signed yet', () => {
    const keys = [key('a', 0), key('b', HOUR, { revokedAt: at(MINUTE) })];
    expect(signingAt(keys, at(2 * HOUR))?.kid).toBe('a');
    expect(validityPeriods(keys)[0]?.retiredAt).toBeNull();
    expect(pendingAt(keys, at(2 * MINUTE))).toEqual([]);
  });

  test("are forgotten a day after the last use, and a revoked key's not before those of the key that it retired", () => {
    const keys = [key('a', 0), key('b', HOUR, { revokedAt: at(2 * HOUR) }), key('c', 2 * HOUR)];
    expect(forgettableAt(keys, at(HOUR + KEPT_AFTER + DAY - 1))).toEqual([]);
    expect(forgettableAt(keys, at(HOUR + KEPT_AFTER + DAY))).toEqual(['a']);
    expect(forgettableAt(keys, at(2 * HOUR + KEPT_AFTER + DAY))).toEqual(['a', 'b']);
  });
});

describe('the rotation of signing keys', () => {
  test('starts with a key that signs and one that waits', () => {
    const keys = live([], { from: 0, to: 0 });
    expect(keys).toHaveLength(2);
    expect(signingAt(keys, at(0))?.kid).toBe('k0');
    expect(keys[1]?.activeFrom).toEqual(at(LIFETIME));
  });

  test('continues for a year: one key signs, one waits after it was published long ahead, few are kept', () => {
    const signed = new Map<string, { first: number; last: number; createdAt: Date }>();
    live([], { from: 0, to: 365 * DAY }, (keys, now) => {
      const signing = signingAt(keys, now);
      if (!signing) throw new Error('nothing signs');
      const known = signed.get(signing.kid) ?? {
        first: now.getTime(),
        last: 0,
        createdAt: signing.createdAt,
      };
      signed.set(signing.kid, { ...known, last: now.getTime() });
      if (pendingAt(keys, now).length !== 1 || keys.length > 3) throw new Error('too many keys');
    });
    const [, ...later] = [...signed.values()];
    expect(later).toHaveLength(12);
    for (const { first, createdAt } of later) {
      expect(first - createdAt.getTime()).toBeGreaterThanOrEqual(PUBLISHED_AHEAD);
    }
  });

  test('publishes a key ahead, however short the lifetime', () => {
    const keys = live([], { from: 0, to: 0, lifetime: MINUTE });
    expect(keys[1]?.activeFrom).toEqual(at(PUBLISHED_AHEAD));
  });

  test('follows a lifetime that was shortened', () => {
    const keys = live(live([], { from: 0, to: 0 }), { from: DAY, to: DAY, lifetime: 2 * DAY });
    expect(keys).toHaveLength(2);
    expect(keys[1]?.activeFrom).toEqual(at(2 * DAY));
  });

  test('catches up after a long pause', () => {
    const keys = live(live([], { from: 0, to: 0 }), { from: 90 * DAY, to: 90 * DAY });
    expect(signingAt(keys, at(90 * DAY))?.kid).toBe('k1');
    expect(pendingAt(keys, at(90 * DAY))).toHaveLength(1);
    expect(keys.find(({ kid }) => kid === 'k0')).toBeUndefined();
  });

  test('activates the waiting key if the current key is revoked', () => {
    const [a, b] = live([], { from: 0, to: 0 });
    if (!a || !b) throw new Error('two keys');
    const keys = live([{ ...a, revokedAt: at(DAY) }, b], { from: DAY, to: DAY });
    expect(signingAt(keys, at(DAY))?.kid).toBe(b.kid);
    expect(pendingAt(keys, at(DAY))).toHaveLength(1);
  });

  test('creates new keys if all are revoked', () => {
    const revoked = live([], { from: 0, to: 0 }).map((one) => ({ ...one, revokedAt: at(DAY) }));
    const keys = live(revoked, { from: DAY, to: DAY });
    expect(signingAt(keys, at(DAY))?.kid).toBe('k2');
  });

  test('reaches one key that signs and one that waits from any state', () => {
    const moment = fc.integer({ min: -100, max: 100 }).map((hours) => at(hours * HOUR));
    const any = fc.record({
      createdAt: moment,
      activeFrom: moment,
      revokedAt: fc.option(moment),
    });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 6 }),
        fc.integer({ min: 1, max: 200 }),
        (dates, hours) => {
          const stored = dates.map((one, index) => ({ kid: `k${index}`, ...one }));
          const keys = live(stored, { from: 0, to: 0, lifetime: hours * HOUR });
          return signingAt(keys, at(0)) !== null && pendingAt(keys, at(0)).length > 0;
        },
      ),
    );
  });

  test('uses a key only once resource servers know it', () => {
    expect(earliestUse({ createdAt: at(0) }, at(0))).toEqual(at(PUBLISHED_AHEAD));
    expect(earliestUse({ createdAt: at(0) }, at(DAY))).toEqual(at(DAY));
  });
});
