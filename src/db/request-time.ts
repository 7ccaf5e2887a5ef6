import { AsyncLocalStorage } from 'node:async_hooks';
import type { Limits } from './limits.ts';

/** The time that all database calls of one request share. */
export type RequestTime = {
  readonly begin: <T>(work: () => T) => T;
  /** Milliseconds left for a call that begins now. Outside of a request, each call has the full limit. */
  readonly left: () => number;
};

/**
 * Limits the time of a request from its beginning. A request makes several calls, and together they would
 * take too long even if each stayed within the limit of a call (RR-11). A request that has waited long for
 * its hash still gets the minimum, in which a healthy database answers.
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

/** Runs the work for one request. All its database calls share one time limit. */
export function asOneRequest<T>(
  db: { readonly asOneRequest: RequestTime['begin'] },
  work: () => T,
): T {
  return db.asOneRequest(work);
}
