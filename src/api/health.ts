import { ServiceUnavailableError } from '../kernel/errors.ts';
import { type HttpAnswer, json } from './exchange.ts';

/** Whether this instance should be given requests: the database answers and is of this version. */
export type Readiness = { isReady(): Promise<boolean> };

/** The process runs. Says nothing else: no version, no host (HT-8). */
export function live(): HttpAnswer {
  return json({ status: 'live' });
}

/** Requests may come: not draining, database reachable, migrations current (CF-5). */
export async function ready(readiness: Readiness): Promise<HttpAnswer> {
  return (await isReady(readiness))
    ? json({ status: 'ready' })
    : json({ status: 'unavailable' }, { status: 503 });
}

/** A database that is away is the very thing this is asked about: an answer, not a fault. */
async function isReady(readiness: Readiness): Promise<boolean> {
  try {
    return await readiness.isReady();
  } catch (error) {
    if (error instanceof ServiceUnavailableError) return false;
    throw error;
  }
}
