import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, walkFrom } from '../../src/access-ledger/walk.ts';
import { HOUR } from '../../src/kernel/duration.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const ago = (hours: number) => new Date(NOW.getTime() - hours * HOUR);
const BOUNDS = { since: ago(144), undoableSince: ago(72), isElsewhere: false };

type Act = Pick<Entry, 'sessionId' | 'act' | 'kind' | 'thing'> & { readonly hours?: number };

/** Rows in the order in which they were written. */
const ledgerOf = (acts: readonly Act[]): Entry[] =>
  acts.map(({ hours = 1, ...act }, position) => ({
    ...act,
    id: `${act.act} ${act.kind} ${act.thing} by ${act.sessionId}`,
    position: position + 1,
    label: null,
    at: ago(hours),
  }));

const added = (sessionId: string | null, thing: string, hours?: number): Act => ({
  sessionId,
  act: 'added',
  kind: 'identity',
  thing,
  ...(hours !== undefined && { hours }),
});
const used = (sessionId: string, thing: string): Act => ({
  sessionId,
  act: 'used',
  kind: 'identity',
  thing,
});
const removed = (sessionId: string, thing: string): Act => ({
  sessionId,
  act: 'removed',
  kind: 'identity',
  thing,
});

const thingsOf = (entries: readonly Entry[]) => new Set(entries.map(({ thing }) => thing));

function walkOf(acts: readonly Act[], start: string) {
  const ledger = ledgerOf(acts);
  const starts = ledger.filter(({ act, thing }) => act === 'added' && thing === start);
  return walkFrom(starts, ledger, BOUNDS);
}

/** A thief's tree: each session signs in with something that an earlier one added, and adds more. */
const THIEF: readonly Act[] = [
  added('stolen', 'a'),
  added('stolen', 'b'),
  used('second', 'a'),
  added('second', 'c'),
  used('third', 'c'),
  used('third', 'owners'),
  added('third', 'd'),
  removed('third', 'a'),
  removed('second', 'owners-other'),
];
const OWNER: readonly Act[] = [
  added('owner', 'owners', 140),
  added('owner', 'owners-other', 140),
  used('home', 'owners'),
  added('elsewhere', 'later'),
];

/** The same acts in another possible order: nothing is used or removed before it was added. */
function possible(acts: readonly Act[]): Act[] {
  const given = new Set(OWNER.map(({ thing }) => thing));
  const left = [...acts];
  const order: Act[] = [];
  while (left.length > 0) {
    const index = left.findIndex(({ act, thing }) => act === 'added' || given.has(thing));
    for (const act of left.splice(index, 1)) {
      order.push(act);
      if (act.act === 'added') given.add(act.thing);
    }
  }
  return order;
}

test('PR-12: the same credentials are removed, whatever the order of a thief’s acts and whichever mail is used', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...THIEF], { minLength: THIEF.length }),
      fc.constantFrom('a', 'b', 'c', 'd'),
      (acts, start) => {
        const walk = walkOf([...OWNER, ...possible(acts)], start);
        expect(thingsOf(walk.added)).toEqual(new Set(['a', 'b', 'c', 'd']));
        expect(walk.sessions).toEqual(new Set(['stolen', 'second', 'third']));
      },
    ),
  );
});

test('PR-12: what a session on the walk removed is restored, unless it was added on the walk', () => {
  const walk = walkOf([...OWNER, ...THIEF], 'a');
  expect(thingsOf(walk.removed)).toEqual(new Set(['owners-other']));
});

test.each([
  ['an hour ago does not come back', 1, []],
  ['73 hours ago comes back', 73, ['thiefs']],
] as const)('PR-12: what another session added %s when it was removed', (_, hours, returns) => {
  const acts = [added('stolen', 'thiefs', hours), removed('anew', 'thiefs'), added('anew', 'x')];
  expect(thingsOf(walkOf(acts, 'x').removed)).toEqual(new Set(returns));
});

test('PR-12: an older credential that a session on the walk used stays and is named', () => {
  const walk = walkOf([...OWNER, ...THIEF], 'd');
  expect(walk.older).toEqual([{ kind: 'identity', thing: 'owners' }]);
});

test('PR-12: credentials that no session added are not connected', () => {
  const acts = [added(null, 'imported'), added(null, 'operators'), added('owner', 'own')];
  expect(thingsOf(walkOf(acts, 'imported').added)).toEqual(new Set(['imported']));
});

test('PR-12: the walk never reaches an act of an operator or an import, neither by their change nor by what they removed or added', () => {
  const acts: readonly Act[] = [
    ...[added(null, 'imported', 10), added(null, 'operators', 10), added('owner', 'owners', 140)],
    { ...removed('nobody', 'owners'), sessionId: null },
    ...[used('thief', 'imported'), added('thief', 'x'), used('later', 'x')],
  ];
  const ofThief = walkOf(acts, 'x');
  expect(thingsOf(ofThief.added)).toEqual(new Set(['x']));
  expect(ofThief.sessions).toEqual(new Set(['thief', 'later']));
  expect(thingsOf(ofThief.removed)).toEqual(new Set());
  // Imported credentials stay and are named, although their sign-in is recent.
  expect(ofThief.older).toEqual([{ kind: 'identity', thing: 'imported' }]);
  // From a change without a session, the walk goes to sessions that used it and never to the one who made it.
  const ofOperator = walkOf(acts, 'operators');
  expect(thingsOf(ofOperator.added)).toEqual(new Set(['operators']));
  expect(ofOperator.sessions).toEqual(new Set());
  expect(thingsOf(ofOperator.removed)).toEqual(new Set());
});

test.each([
  ['143 hours ago comes back', 143, ['owners']],
  ['145 hours ago does not', 145, []],
] as const)('PR-12: what a session on the walk removed %s', (_, hours, returns) => {
  const acts = [
    added('owner', 'owners', 300),
    { ...removed('thief', 'owners'), hours },
    added('thief', 'x', 70),
  ];
  expect(thingsOf(walkOf(acts, 'x').removed)).toEqual(new Set(returns));
});

test('PR-12: a session that used a credential beyond its own undo leads no further back', () => {
  const acts = [added('owner', 'first', 73), added('owner', 'other', 73), used('thief', 'first')];
  const walk = walkOf([...acts, added('thief', 'x')], 'x');
  expect(thingsOf(walk.added)).toEqual(new Set(['x']));
  expect(walk.older).toEqual([{ kind: 'identity', thing: 'first' }]);
});

test.each([
  ['143 hours ago goes', 143, ['early', 'x']],
  ['145 hours ago stays', 145, ['x']],
] as const)('PR-12: what the same session added %s', (_, hours, goes) => {
  const acts = [added('thief', 'early', hours), added('thief', 'x', 70)];
  expect(thingsOf(walkOf(acts, 'x').added)).toEqual(new Set(goes));
});

test('PR-12: of a kind that an account has once, the newest entry before each use is followed', () => {
  const totp = (sessionId: string, act: Entry['act']): Act => ({
    sessionId,
    act,
    kind: 'totp',
    thing: null,
  });
  const ledger = ledgerOf([
    totp('owner', 'added'),
    totp('home', 'used'),
    totp('thief', 'removed'),
    totp('thief', 'added'),
    totp('thief-again', 'used'),
  ]);
  const walk = walkFrom(ledger.slice(3, 4), ledger, BOUNDS);
  expect(walk.sessions).toEqual(new Set(['thief', 'thief-again']));
  expect(walk.removed.map(({ position }) => position)).toEqual([3]);
});

test.each([
  ['elsewhere, all that was done there goes', true, ['x', 'y'], ['owners']],
  ['where the link went, its own mails report it', false, [], []],
] as const)(
  'PR-12: a thief moves the account and signs in again: with the account %s',
  (_, isElsewhere, goes, returns) => {
    const moved: Act = { sessionId: 'thief', act: 'added', kind: 'address', thing: null };
    const operator = added(null, 'operators');
    const ledger = ledgerOf([
      ...[added('owner', 'owners', 140), added('home', 'before', 70)],
      ...[moved, operator, added('anew', 'x'), removed('last', 'owners'), added('last', 'y')],
    ]);
    const walk = walkFrom(ledger.slice(2, 3), ledger, { ...BOUNDS, isElsewhere });
    const ofThings = walk.added.filter(({ kind }) => kind === 'identity');
    expect(thingsOf(ofThings)).toEqual(new Set(goes));
    expect(thingsOf(walk.removed)).toEqual(new Set(returns));
  },
);

test('PR-12: a walk over 20,000 entries of one account takes only a moment', () => {
  const acts = Array.from({ length: 20_000 }, (_, n) =>
    n % 2 ? used(`s${n}`, `t${n - 1}`) : added(`s${n}`, `t${n}`),
  );
  const started = performance.now();
  walkOf(acts, 't0');
  expect(performance.now() - started).toBeLessThan(2_000);
});
