import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { MFA, totpCode } from '../../support/second-factor.ts';
import { type Answer, type Balancer, kindOf } from '../kit/balancer.ts';
import { anyAddress, signIn } from '../kit/device.ts';
import { openLedger } from '../kit/ledger.ts';
import type { Ground, Journey } from '../kit/steps.ts';

const STEP = 30_000;

type Owner = {
  readonly email: string;
  readonly token: string;
  readonly secret: string;
  readonly backupCodes: readonly string[];
};

async function enroll({ standing }: Ground, email: string): Promise<Owner> {
  const device = await signIn({ balancer: standing, ledger: openLedger() }, email);
  if (!device) throw new Error('Nobody could sign in.');
  const token = device.accessToken;
  const begun = await standing.call(MFA.enableTotp, {}, { token });
  if (kindOf(begun) !== 'TotpEnrollment') throw new Error(`No secret: ${kindOf(begun)}.`);
  const { secret } = begun.value;
  const input = { code: totpCode(secret, new Date()) };
  const enabled = await standing.call(MFA.confirmTotp, { input }, { token });
  if (kindOf(enabled) !== 'MfaEnabled') throw new Error(`Not enrolled: ${kindOf(enabled)}.`);
  return { email, token, secret, backupCodes: enabled.value.backupCodes };
}

/** As if the person had never used a factor, so that the next step starts where this one did. */
async function forget({ stage }: Ground, email: string): Promise<void> {
  const { sql } = stage;
  const owner = sql`(select id from users where email = ${email})`;
  await sql`update totp_factors set last_step = 0 where user_id = ${owner}`;
  await sql`update backup_codes set used_at = null where user_id = ${owner}`;
  await sql`delete from second_factor_failures where user_id = ${owner}`;
}

async function count({ stage }: Ground, email: string) {
  const [row] = await stage.sql<{ sessions: number; unused: number }[]>`
    select (select count(*) from sessions where user_id = users.id)::int as sessions,
      (select count(*) from backup_codes where user_id = users.id and used_at is null)::int as unused
    from users where email = ${email}`;
  return row ?? { sessions: 0, unused: 0 };
}

/** A factor that is used once: cut, tried again, and tried once more where it must be refused. */
function secondFactor(method: 'TOTP' | 'BACKUP_CODE', email: string): Journey {
  let owner: Owner | null = null;
  const codes = ({ secret, backupCodes }: Owner) => {
    const now = Date.now();
    const steps = [totpCode(secret, new Date(now)), totpCode(secret, new Date(now + STEP))];
    return method === 'TOTP' ? steps : backupCodes.slice(0, 2);
  };
  return {
    name: method === 'TOTP' ? 'verifyMfa with TOTP' : 'verifyMfa with a backup code',
    async prepare(ground) {
      const { standing } = ground;
      owner ??= await enroll(ground, email);
      await forget(ground, email);
      const from = anyAddress();
      const challenge = async () =>
        (await standing.call(MFA.challenge, { input: { email, password: PASSWORD } }, { from }))
          .value.challengeToken;
      const prove = (through: Balancer, challengeToken: string, code = ''): Promise<Answer> =>
        through.once(MFA.verify, { input: { challengeToken, method, code } }, { from });
      const before = await count(ground, email);
      const first = await challenge();
      const [code, other] = codes(owner);
      return {
        call: (through) => prove(through, first, code),
        async check(again) {
          const after = await count(ground, email);
          const sessions = after.sessions - before.sessions;
          const spent = before.unused - after.unused;
          const second = await challenge();
          const reused = kindOf(await prove(standing, second, code));
          const next = kindOf(await prove(standing, second, other));
          return [
            ...(['SignedIn', 'ChallengeExpiredError'].includes(kindOf(again))
              ? []
              : ['cannot go on']),
            ...(sessions === 1 ? [] : [`${sessions} sessions of one code`]),
            ...(spent === (method === 'TOTP' ? 0 : 1) ? [] : [`${spent} backup codes spent`]),
            ...(reused === 'InvalidCodeError' ? [] : [`the code once more: ${reused}`]),
            ...(next === 'SignedIn' ? [] : [`the next code: ${next}`]),
          ];
        },
      };
    },
  };
}

/** A code of an authenticator app. */
export const totp = (): Journey => secondFactor('TOTP', emailOf(100));

/** A backup code. */
export const backupCode = (): Journey => secondFactor('BACKUP_CODE', emailOf(101));
