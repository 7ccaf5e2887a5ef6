import { v7 } from 'uuid';
import type { Clock, Random } from './ports.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562): time-ordered, so an index grows at its end. */
export function newId(deps: { readonly clock: Clock; readonly random: Random }): string {
  return v7({ msecs: deps.clock.now().getTime(), random: deps.random.bytes(16) });
}

/** True for the text form Postgres accepts as a uuid and we hand out: lower case, dashed. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
