import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { REFRESH } from '../../support/journeys.ts';
import { type Balancer, kindOf } from './balancer.ts';
import { refuse } from './device.ts';
import type { Device, Ledger } from './ledger.ts';

/** The ledger against the database. All zero is what every row wants. */
export type Findings = {
  /** Holders of the last acknowledged refresh token who cannot go on within five tries. */
  readonly lost: number;
  /** Sessions with two live successors, and single-use things that succeeded twice. */
  readonly double: number;
  /** People, sessions or factors of which only a part is there. */
  readonly half: number;
  /** Seconds after its rotation of every token that came back too late, and so was rightly refused. */
  readonly late: readonly number[];
  /** Examples, in words. */
  readonly examples: readonly string[];
};

const TRIES = 5;
const AT_ONCE = 8;

/** REFRESH_REPLAY_WINDOW of every server here, in seconds. */
const WINDOW = 30;

/** Lets every device go on, and looks for what should not be there. Spends the devices' tokens. */
export async function checkLedger(
  ledger: Ledger,
  { balancer, sql }: { readonly balancer: Balancer; readonly sql: Sql },
): Promise<Findings> {
  const lost: string[] = [];
  const double = [...ledger.spentTwice()];
  const goesOn = async (device: Device) => {
    const at = performance.now();
    const first = await goOn(balancer, device);
    if (first.token === null) {
      if (first.kind === 'InvalidTokenError') refuse(device, first.kind, at);
      else lost.push(`${device.sessionId}: ${first.kind}`);
      return;
    }
    // The same token once more is answered with the same successor, never with another (RR-5).
    const second = await goOn(balancer, device);
    if (second.token !== null && second.token !== first.token) double.push(device.sessionId);
    device.refreshToken = first.token;
  };
  const waiting = ledger.devices.filter(({ refused }) => !refused);
  const worker = async () => {
    for (let device = waiting.shift(); device; device = waiting.shift()) await goesOn(device);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const late: number[] = [];
  for (const device of ledger.devices) {
    const { refused } = device;
    if (!refused) continue;
    const after = await lateness(sql, device);
    if (after === null) lost.push(`${device.sessionId}: ${refused.what}`);
    else late.push(after);
  }
  const half = await halfWritten(sql);
  const examples = [...lost, ...double, ...half].slice(0, 5);
  return { lost: lost.length, double: double.length, half: half.length, late, examples };
}

/** True when nothing was found. */
export function isClean({ lost, double, half }: Findings): boolean {
  return lost + double + half === 0;
}

/** For a row's figure. */
export function describeFindings({ lost, double, half, late, examples }: Findings): string {
  const cases = examples.length > 0 ? ` (${examples.join('; ')})` : '';
  const seconds = late.map((after) => after.toFixed(0)).join(', ');
  const came = late.length > 0 ? `, came back too late ${late.length} (after ${seconds} s)` : '';
  return `lost ${lost}, double ${double}, half-written ${half}${came}${cases}`;
}

/**
 * A client that asks again later than the replay window after the rotation is rightly refused
 * (docs/requirements.md, section 0; RR-6). The server's word is not enough: its own times and the
 * device's both have to say so.
 *
 * @returns the seconds between the rotation and the refusal; null when it was refused in time
 */
export async function lateness(sql: Sql, { sessionId, refused }: Device): Promise<number | null> {
  const [ended] = await sql<{ after: number }[]>`
    select extract(epoch from revoked_at - rotated_at)::float8 as after from sessions
    where id = ${sessionId} and revoked_because = 'refresh-token-reused'`;
  const silent = refused ? (refused.cameBack - refused.asked) / 1000 : 0;
  return ended && ended.after > WINDOW && silent > WINDOW ? ended.after : null;
}

async function goOn(
  balancer: Balancer,
  { refreshToken, from }: Device,
): Promise<{ readonly token: string | null; readonly kind: string }> {
  let kind = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await balancer.once(REFRESH, { input: { refreshToken } }, { from });
    kind = kindOf(answer);
    if (kind === 'SignedIn') return { token: answer.value.refreshToken, kind };
    await sleep(200);
  }
  return { token: null, kind };
}

/** What no single commit leaves behind: each of these is written together with something else. */
async function halfWritten(sql: Sql): Promise<string[]> {
  const rows = await sql<{ what: string; id: string }[]>`
    select 'user without a way in' as what, id::text from users
      where password_hash is null and not exists (select from identities where user_id = users.id)
    union all
    select 'user who still is a registration', users.id::text from users
      join registrations using (email) where email_verified_at is not null and ended_at is null
    union all
    select 'session of other credentials', sessions.id::text from sessions
      join users on users.id = user_id
      where sessions.credential_version > users.credential_version
    union all
    select 'sign-in without its record', sessions.id::text from sessions
      where not exists (select from audit_events where session_id = sessions.id)`;
  return rows.map(({ what, id }) => `${what}: ${id}`);
}
