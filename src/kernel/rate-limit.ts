import type { Client } from './ports.ts';

/**
 * How often something may be tried. `name` separates its counters from those of other budgets and
 * is what an operator reads in the audit log.
 */
export type LimitRule = {
  readonly name: string;
  /** Tries before the budget closes; at least 2. */
  readonly allowance: number;
  /** How long a try is remembered, in milliseconds. */
  readonly period: number;
  /**
   * A budget that refills forgets one try after another, evenly: `tries` at once, then one more each time
   * that `per / tries` has passed. So whoever shares it with those who used it up waits for the next one,
   * and not for the end of a window. Without it, all tries are forgotten together.
   */
  readonly refills?: true;
  /**
   * With waits, a budget that is used up opens again for one try at a time, each wait twice the
   * last; without and where it does not refill, it stays closed until `per` is over.
   */
  readonly waits?: { readonly first: number; readonly longest: number; readonly most: number };
  /**
   * A budget that books refuses nothing: a try beyond it gets its turn in the next window that has
   * room. Only what is sent later may book; put a budget that refuses before it.
   */
  readonly schedules?: true;
};

/** One counter to be charged: a budget of somebody or something. */
export type Limit = {
  readonly rule: LimitRule;
  /** Whose budget it is. Only a keyed hash of it is stored. */
  readonly key: readonly string[];
  /** With members, the budget counts different ones: the same one again is free. */
  readonly member?: string;
  /** Tries under way at once in this process; more wait their turn. */
  readonly concurrency?: number;
  /**
   * A device token that the charge rests on. Where the account of that address has voided the tokens
   * of then, the charge is refused without being counted (PR-12).
   */
  readonly device?: { readonly email: string; readonly issuedAt: Date };
  /** Where its set refuses a try, these decide; what let it through before stays charged, too. */
  readonly fallback?: readonly Limit[];
};

/** Where an attempt comes from, when to stop waiting for it, and what its success is worth. */
type Attempt<T, Executor, Read> = {
  readonly client: Client;
  readonly signal?: AbortSignal;
  /**
   * Called when the try's turn has come, before anything is asked of the database. What it throws
   * refuses the try, which costs no budget anything.
   */
  readonly admit?: () => Promise<void>;
  /**
   * True for a result that stays counted as a failure does, because the one who guesses could bring it
   * about. By default no result does.
   */
  readonly staysCounted?: (result: T) => boolean;
  /** Statements that go out together with the charge: one round trip for both. */
  readonly alongside?: (executor: Executor) => Promise<Read>;
};

/** A try under way: what was read beside its charge, and its good end. */
type Try<Executor, Read> = {
  readonly read: Read;
  /**
   * Gives the try back and forgives the failures before it, within the transaction of what it came
   * to. Without it that is done after the work.
   */
  forgive(executor: Executor): Promise<void>;
};

/** What became of a spending. `opensAt`: from when on the next one is let through. */
type Spending<Read> =
  | { readonly allowed: true; readonly read: Read; readonly opensAt: Date }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** What a booked mail's statements are told, as expressions of its transaction. */
type Slot<Expression> = {
  /** Holds where a budget refused it: what is written then must reach nobody. */
  readonly isRefused: Expression;
  /** When its turn is. */
  readonly leavesAt: Expression;
};

/**
 * How often anything may be tried, counted in the database, so that every instance and every
 * restart counts on (RL-7). It counts before it asks, in one statement, so that no number of
 * parallel tries gets past a limit (RL-6). When it cannot count, nothing is allowed (RL-10).
 * `Executor` runs a statement and `Expression` is part of one; the kernel knows no database.
 */
export type RateLimiter<Executor, Expression> = {
  /**
   * Runs one try at proving something. A try that succeeds is given back and forgives the failures
   * before it; one that was never judged (the server was busy, the client gone) is given back; any
   * other stays counted. What cannot be given back at once is given back later, where nothing else
   * was counted meanwhile (ADR-0015).
   *
   * @param charges in order: a charge refused leaves those after it untouched, so put what a
   *   stranger may exhaust for others last
   * @throws RateLimitedError before `work` is begun; ServiceUnavailableError when nothing can be
   *   counted; whatever `work` throws
   */
  attempt<T, Read = undefined>(
    charges: readonly Limit[],
    from: Attempt<T, Executor, Read>,
    work: (attempt: Try<Executor, Read>) => Promise<T>,
  ): Promise<T>;
  /**
   * Counts an act and runs it. It stays counted whatever it comes to: a success writes as much as a
   * failure does (RL-14). Acts of one key wait in line where its charge has lanes.
   *
   * @throws RateLimitedError before `work` is begun, also when the line is full;
   *   ServiceUnavailableError when nothing can be counted; whatever `work` throws
   */
  countAndRun<T>(
    charges: readonly Limit[],
    from: { readonly client: Client; readonly signal: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T>;
  /**
   * Uses one of each budget up, for good.
   *
   * @param alongside statements that go out together with the charge
   * @throws ServiceUnavailableError
   */
  count<Read = undefined>(
    charges: readonly Limit[],
    client: Client,
    alongside?: (executor: Executor) => Promise<Read>,
  ): Promise<Spending<Read>>;
  /**
   * The same, and with it whatever it allows, as one transaction in one round trip: where a budget
   * is used up, nothing is written and nothing is spent.
   *
   * @param write begins all of its statements before it waits for any
   */
  spendWith<T>(
    charges: readonly Limit[],
    client: Client,
    write: (tx: Executor) => Promise<T>,
  ): Promise<{ readonly allowed: true; readonly result: T } | { readonly allowed: false }>;
  /**
   * Counts a mail and writes it down, as one transaction in one round trip. It is written whether or
   * not a budget refuses it: who asks must not be able to tell which, not even by the time (LG-4).
   *
   * @param asks what the answer may say of when to ask again: of the one who asks alone
   * @param write begins all of its statements before it waits for any
   * @returns `askableAt`: from when on the asks allow another one
   * @throws ServiceUnavailableError when nothing can be counted
   */
  schedule<T>(
    charges: readonly Limit[],
    asks: readonly Limit[],
    client: Client,
    write: (tx: Executor, slot: Slot<Expression>) => Promise<T>,
  ): Promise<{ readonly result: T; readonly askableAt: Date }>;
  /** Counts an ask that refuses nothing. @returns from when on the asks allow another one */
  countRequest(asks: readonly Limit[]): Promise<Date>;
  /** Opens budgets again, as after a password reset. @throws ServiceUnavailableError */
  reset(charges: readonly Limit[]): Promise<void>;
};
