import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { LOGIN } from '../../support/journeys.ts';
import { MFA, totpCode } from '../../support/second-factor.ts';
import { type Balancer, kindOf } from './balancer.ts';
import { anyAddress } from './device.ts';

const STEP = 30_000;

/** On a busy machine the step may end before the code arrives. */
const TRIES = 3;

/** A person with an authenticator app. */
export type Enrolled = {
  readonly email: string;
  readonly secret: string;
  /** The moment of enrollment: codes are named by their step from it, however long a row takes. */
  readonly base: number;
};

/**
 * Sets the app up with the code of the step before, so that the code of now is still unused. That is
 * good until this step ends (TO-2).
 */
export async function enrollTotp(balancer: Balancer, person: number): Promise<Enrolled> {
  const email = emailOf(person);
  const from = anyAddress();
  const login = await balancer.call(LOGIN, { input: { email, password: PASSWORD } }, { from });
  const token = login.value?.accessToken;
  const enabled = await balancer.call(MFA.enableTotp, {}, { token, from });
  const { secret } = enabled.value ?? {};
  if (secret === undefined) throw new Error(`No secret: ${kindOf(enabled)}`);
  let outcome = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const base = Date.now();
    const code = totpCode(secret, new Date(base - STEP));
    const input = { code };
    outcome = kindOf(await balancer.call(MFA.confirmTotp, { input }, { token, from }));
    if (outcome === 'MfaEnabled') return { email, secret, base };
    if (outcome !== 'InvalidCodeError') break;
  }
  throw new Error(`No app: ${outcome}`);
}

/** Signs in with the password, up to the challenge. */
export async function challenge(balancer: Balancer, { email }: Enrolled): Promise<string> {
  const input = { email, password: PASSWORD };
  const got = await balancer.call(MFA.challenge, { input }, { from: anyAddress() });
  if (kindOf(got) !== 'MfaRequired') throw new Error(`No challenge: ${kindOf(got)}`);
  return got.value.challengeToken;
}

/** Answers a challenge with the code of a step; what it came to. */
export async function answer(
  balancer: Balancer,
  { secret, base }: Enrolled,
  { challengeToken, step }: { readonly challengeToken: string; readonly step: number },
): Promise<string> {
  const code = totpCode(secret, new Date(base + step * STEP));
  const input = { challengeToken, method: 'TOTP', code };
  const { value } = await balancer.call(MFA.verify, { input }, { from: anyAddress() });
  return value?.__typename ?? 'nothing';
}
