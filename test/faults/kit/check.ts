import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { REFRESH } from '../../support/journeys.ts';
import { type Balancer, kindOf } from './balancer.ts';
import { isLate } from './device.ts';
import type { Device, Ledger } from './ledger.ts';

/** The ledger against the database. All zero is what every row wants. */
export type Findings = {
  /** Holders of the last acknowledged refresh token who cannot go on within five tries. */
  readonly lost: number;
  /** Sessions with two live successors, and single-use things that succeeded twice. */
  readonly double: number;
  /** People, sessions or factors of which only a part is there. */
  readonly half: number;
  /** Who did not ask again within the replay window, and so was rightly told to sign in. */
  readonly late: number;
  /** Examples, in words. */
  readonly examples: readonly string[];
};

const TRIES = 5;

/** Lets every device go on, and looks for what should not be there. Spends the devices' tokens. */
export async function checkLedger(
  ledger: Ledger,
  { balancer, sql }: { readonly balancer: Balancer; readonly sql: Sql },
): Promise<Findings> {
  const lost: string[] = [];
  const double = [...ledger.spentTwice()];
  for (const device of ledger.devices) {
    if (device.cameLate) continue;
    const at = performance.now();
    const first = await goOn(balancer, device);
    if (first.token === null) {
      device.cameLate = isLate(device, at) && first.kind === 'InvalidTokenError';
      if (device.cameLate) continue;
      lost.push(`${device.sessionId}: ${first.kind}`);
      continue;
    }
    // The same token once more is answered with the same successor, never with another (RR-5).
    const second = await goOn(balancer, device);
    if (second.token !== null && second.token !== first.token) double.push(device.sessionId);
    device.refreshToken = first.token;
  }
  const late = ledger.devices.filter(({ cameLate }) => cameLate).length;
  const half = await halfWritten(sql);
  const examples = [...lost, ...double, ...half].slice(0, 5);
  return { lost: lost.length, double: double.length, half: half.length, late, examples };
}

/** True when nothing was found. */
export function isClean({ lost, double, half }: Findings): boolean {
  return lost + double + half === 0;
}

/** For a row's figure. */
export function tell({ lost, double, half, late, examples }: Findings): string {
  const told = examples.length > 0 ? ` (${examples.join('; ')})` : '';
  return `lost ${lost}, double ${double}, half-written ${half}${late > 0 ? `, came back after the replay window ${late}` : ''}${told}`;
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
      join pending_registrations using (email) where pending_registrations.created_at < users.created_at
    union all
    select 'session of other credentials', sessions.id::text from sessions
      join users on users.id = user_id
      where sessions.credential_version > users.credential_version
    union all
    select 'sign-in without its record', sessions.id::text from sessions
      where not exists (select from audit_events where session_id = sessions.id)`;
  return rows.map(({ what, id }) => `${what}: ${id}`);
}
