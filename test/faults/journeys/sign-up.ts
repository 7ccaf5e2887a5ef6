import { PASSWORD } from '../../../bench/lib/seed.ts';
import { LOGIN, REGISTER, VERIFY_EMAIL } from '../../support/journeys.ts';
import { type Answer, type Balancer, kindOf } from '../kit/balancer.ts';
import { anyAddress } from '../kit/device.ts';
import { codesFor } from '../kit/mails.ts';
import type { Ground, Journey } from '../kit/steps.ts';

let people = 0;

/** An address nobody has yet, and where its person calls from. */
function someoneNew() {
  people += 1;
  return { email: `newcomer-${people}@faults.example`, from: anyAddress() };
}

async function verify(
  through: Balancer,
  given: { email: string; from: string; code: string; registrationToken: string },
): Promise<Answer> {
  const { email, from, code, registrationToken } = given;
  const proof = { code: { email, code } };
  return await through.once(VERIFY_EMAIL, { input: { proof, registrationToken } }, { from });
}

/** Whole or not at all: a verified person with a password, or nobody. */
async function peopleOf({ stage }: Ground, email: string) {
  const [row] = await stage.sql<{ users: number; whole: number; sessions: number }[]>`
    select count(distinct users.id)::int as users,
      count(distinct users.id) filter (
        where email_verified_at is not null and password_hash is not null)::int as whole,
      count(sessions.id)::int as sessions
    from users left join sessions on user_id = users.id where email = ${email}`;
  return row ?? { users: 0, whole: 0, sessions: 0 };
}

/** A registration is cut; the person tries again and follows the mail. */
export const register: Journey = {
  name: 'register',
  lingers: 400,
  async prepare(ground) {
    const { standing, stage } = ground;
    const { email, from } = someoneNew();
    return {
      call: (through) => through.once(REGISTER, { input: { email, password: PASSWORD } }, { from }),
      async check(again) {
        if (kindOf(again) !== 'EmailVerificationRequired') return ['cannot register again'];
        let last = '';
        for (const code of await codesFor(stage, email)) {
          const { registrationToken } = again.value;
          last = kindOf(await verify(standing, { email, from, code, registrationToken }));
          if (last === 'SignedIn') break;
        }
        const { users, whole } = await peopleOf(ground, email);
        return [
          ...(last === 'SignedIn' ? [] : [`no mailed code is good: ${last}`]),
          ...(users === 1 && whole === 1 ? [] : [`${users} people, ${whole} of them whole`]),
        ];
      },
    };
  },
};

/** A verification is cut; either it is done, and the password opens, or the same code is good. */
export const verifyEmail: Journey = {
  name: 'verifyEmail',
  async prepare(ground) {
    const { standing, stage } = ground;
    const { email, from } = someoneNew();
    const input = { email, password: PASSWORD };
    const { value } = await standing.call(REGISTER, { input }, { from });
    const { registrationToken } = value;
    const [code = ''] = await codesFor(stage, email);
    return {
      call: (through) => verify(through, { email, from, code, registrationToken }),
      async check(again) {
        const { users, whole, sessions } = await peopleOf(ground, email);
        const login = await standing.call(
          LOGIN,
          { input: { email, password: PASSWORD } },
          { from },
        );
        const third = await verify(standing, { email, from, code, registrationToken });
        return [
          ...(['SignedIn', 'InvalidTokenError'].includes(kindOf(again)) ? [] : ['cannot go on']),
          ...(users === 1 && whole === 1 ? [] : [`${users} people, ${whole} of them whole`]),
          ...(sessions === 1 ? [] : [`${sessions} sessions of one code`]),
          ...(kindOf(login) === 'SignedIn' ? [] : [`then ${kindOf(login)}`]),
          ...(kindOf(third) === 'InvalidTokenError' ? [] : ['the code is good twice']),
        ];
      },
    };
  },
};
