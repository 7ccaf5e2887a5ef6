import { v7 } from 'uuid';
import type { Clock, Random } from './ports.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562). It is ordered by time, so an index grows at its end. */
export function newId(deps: { readonly clock: Clock; readonly random: Random }): string {
  return v7({ msecs: deps.clock.now().getTime(), random: deps.random.bytes(16) });
}

/** The lowest UUIDv7 of a moment: exactly the ids from before the moment are lower. */
export function firstIdAt(moment: Date): string {
  const time = Math.max(0, moment.getTime()).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/** True for the text form of a uuid that Postgres accepts and this server issues: lower case, with dashes. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/** The time in a UUIDv7, in milliseconds since 1970. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}
