import { AsyncLocalStorage } from 'node:async_hooks';
import type { Limits } from './limits.ts';

/** What the calls of one request may take, all of them together. */
export type RequestTime = {
  readonly begin: <T>(work: () => T) => T;
  /** For a call that begins now, in milliseconds. Outside of a request, that of a call by itself. */
  readonly left: () => number;
};

/**
 * A request goes to the database more than once, and each call by itself within its limit is too
 * long together (RR-11). So a request's time is counted from its beginning. What only waited for
 * its hash still gets the least: a database that is well answers in that.
 */
export function createRequestTime({ call, least }: Pick<Limits, 'call' | 'least'>): RequestTime {
  const beginnings = new AsyncLocalStorage<number>();
  return {
    begin: (work) => beginnings.run(performance.now(), work),
    left() {
      const began = beginnings.getStore();
      return began === undefined ? call : Math.max(least, call - (performance.now() - began));
    },
  };
}

/** Runs what answers one request: whatever it asks of the database shares one time. */
export function asOneRequest<T>(
  db: { readonly asOneRequest: RequestTime['begin'] },
  work: () => T,
): T {
  return db.asOneRequest(work);
}
