import { type HttpAnswer, json } from './exchange.ts';

/** The process runs. Says nothing else: no version, no host (HT-8). */
export function live(): HttpAnswer {
  return json({ status: 'live' });
}

/** Requests may come: not draining, the database answers and takes writes, migrations current (CF-5). */
export function ready(isReady: () => boolean): HttpAnswer {
  return isReady() ? json({ status: 'ready' }) : json({ status: 'unavailable' }, { status: 503 });
}
