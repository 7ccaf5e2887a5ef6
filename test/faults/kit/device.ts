import { randomInt } from 'node:crypto';
import { PASSWORD } from '../../../bench/lib/seed.ts';
import { LOGIN, REFRESH } from '../../support/journeys.ts';
import { type Answer, type Balancer, kindOf } from './balancer.ts';
import type { Device, Ledger } from './ledger.ts';

/** The caller, and the recorder of its calls. */
export type Client = { readonly balancer: Balancer; readonly ledger: Ledger };

/** Enough to see whose session a token opens. */
const VIEWER = '{ viewer { __typename user { id } session { id } } }';

/** An address of nobody's, so that budgets of one source are not what is measured (RL-4). */
export function anyAddress(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

/** Signs in and keeps the session; null when no answer said so. */
export async function signIn(
  { balancer, ledger }: Client,
  email: string,
  from = anyAddress(),
): Promise<Device | null> {
  const input = { email, password: PASSWORD };
  const answer = await balancer.call(LOGIN, { input }, { from });
  if (!ledger.expect('login', answer, ['SignedIn', 'ServerBusyError'])) return null;
  if (kindOf(answer) !== 'SignedIn') return null;
  const device = deviceOf(answer, email, from);
  ledger.keep(device);
  return device;
}

const KNOWS = { inDoubtSince: null, refused: null, busy: false };

/** What a session's answer gives its holder. */
function deviceOf({ value }: Answer, email: string, from: string): Device {
  const { refreshToken, accessToken, viewer } = value;
  return { email, from, refreshToken, accessToken, sessionId: viewer.session.id, ...KNOWS };
}

/** Exchanges the refresh token; the device keeps what was acknowledged. */
export async function refresh({ balancer, ledger }: Client, device: Device): Promise<boolean> {
  if (device.refused) return false;
  const input = { refreshToken: device.refreshToken };
  const at = performance.now();
  device.inDoubtSince ??= at;
  const answer = await balancer.call(REFRESH, { input }, { from: device.from });
  if (kindOf(answer) === 'InvalidTokenError') {
    refuse(device, 'InvalidTokenError', at);
    return false;
  }
  if (!ledger.expect('refresh', answer, ['SignedIn'])) return false;
  device.refreshToken = answer.value.refreshToken;
  device.accessToken = answer.value.accessToken;
  device.inDoubtSince = null;
  return true;
}

/** Asks who is signed in: with a token that is good, nobody is never the answer. */
export async function view({ balancer, ledger }: Client, device: Device): Promise<boolean> {
  if (device.refused) return false;
  const { accessToken: token, from } = device;
  const at = performance.now();
  const answer = await balancer.call(VIEWER, {}, { token, from });
  if (answer.status === 200 && answer.code === null && answer.value === null) {
    refuse(device, 'nobody', at);
    return false;
  }
  return ledger.expect('viewer', answer, ['Viewer']);
}

/** Writes down a refusal, and since when the device had not heard what became of its token. */
export function refuse(device: Device, what: string, at: number): void {
  const asked = device.inDoubtSince ?? at;
  device.refused ??= { what, asked, cameBack: performance.now() };
}
