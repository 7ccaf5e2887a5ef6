import { type Answer, isUnavailable, kindOf } from './balancer.ts';

/** What a device was refused with, and between which moments of its own it had heard nothing. */
type Refusal = { readonly what: string; readonly asked: number; readonly cameBack: number };

/** A device with a session, as its owner's client keeps it. */
export type Device = {
  readonly email: string;
  readonly sessionId: string;
  /** The address it calls from. */
  readonly from: string;
  /** Of the last answer that arrived. */
  refreshToken: string;
  accessToken: string;
  /** When it first asked with the token it holds and did not learn whether that was spent. */
  inDoubtSince: number | null;
  /** The server answered that nobody is signed in. The check decides whether rightly. */
  refused: Refusal | null;
  /** A call of it is under way: a client refreshes once at a time. */
  busy: boolean;
};

/** Everything that was acknowledged, and every answer that should not have been given. */
export type Ledger = {
  readonly devices: readonly Device[];
  /** Tries that were answered, by kind. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Tries whose connection failed, by the code of the failure. */
  readonly failures: ReadonlyMap<string, number>;
  /** Answers that are neither right nor "not now", in words. */
  readonly wrong: readonly string[];
  /** The slowest try that was answered. */
  slowest: { readonly field: string; readonly milliseconds: number };
  /** Calls that a client's retries did not get through. */
  gaveUp: number;
  /** Writes one try down. */
  note(answer: Answer): void;
  /** Writes the outcome of a call down: right when its kind is one of these. */
  expect(what: string, answer: Answer, kinds: readonly string[]): boolean;
  keep(device: Device): void;
  /** Successes of a thing that may succeed once. */
  spend(what: string): void;
  /** Things that succeeded more than once. */
  spentTwice(): readonly string[];
};

/** The right-hand side of every row: what the client was answered. */
export function openLedger(): Ledger {
  const devices: Device[] = [];
  const kinds = new Map<string, number>();
  const failures = new Map<string, number>();
  const wrong: string[] = [];
  const spent = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  return {
    devices,
    kinds,
    failures,
    wrong,
    slowest: { field: '', milliseconds: 0 },
    gaveUp: 0,
    note(answer) {
      const { failure, field, milliseconds } = answer;
      if (failure !== null) return void count(failures, failure);
      count(kinds, kindOf(answer));
      if (milliseconds > this.slowest.milliseconds) this.slowest = { field, milliseconds };
    },
    expect(what, answer, right) {
      if (answer.failure === null && right.includes(kindOf(answer))) return true;
      if (answer.failure !== null || isUnavailable(answer)) this.gaveUp += 1;
      else wrong.push(`${what}: ${answer.status} ${kindOf(answer)}`);
      return false;
    },
    keep: (device) => void devices.push(device),
    spend: (what) => void count(spent, what),
    spentTwice: () => [...spent].filter(([, times]) => times > 1).map(([what]) => what),
  };
}

/** Counts by name as text, the most frequent first. */
export function tally(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, times]) => `${times} ${name}`)
    .join(', ');
}
