import { emailOf, PASSWORD } from '../../../bench/lib/seed.ts';
import { NEW_PASSWORD, REQUEST_RESET, RESET } from '../../journeys/account-care.ts';
import { LOGIN, REFRESH } from '../../support/journeys.ts';
import { kindOf } from '../kit/balancer.ts';
import { anyAddress, signIn } from '../kit/device.ts';
import { openLedger } from '../kit/ledger.ts';
import { codesFor } from '../kit/mails.ts';
import type { Journey } from '../kit/steps.ts';

/** A reset is cut: the old password and all sessions live on, or the new one opens and none does. */
export function resetPassword(): Journey {
  let person = 1;
  return {
    name: 'resetPassword',
    async prepare({ standing, stage }) {
      person += 1;
      const email = emailOf(person);
      const from = anyAddress();
      const device = await signIn({ balancer: standing, ledger: openLedger() }, email, from);
      if (!device) throw new Error('Nobody could sign in.');
      const asked = await standing.call(REQUEST_RESET, { input: { email } }, { from });
      const [code = ''] = await codesFor(stage, email);
      const resetToken = asked.value?.resetToken;
      const input = { proof: { code: { email, code } }, newPassword: NEW_PASSWORD, resetToken };
      const login = (password: string) =>
        standing.call(LOGIN, { input: { email, password } }, { from });
      return {
        call: (through) => through.once(RESET, { input }, { from }),
        async check(again) {
          const answers = [
            kindOf(await login(NEW_PASSWORD)),
            kindOf(await login(PASSWORD)),
            kindOf(await standing.call(REFRESH, { input: { refreshToken: device.refreshToken } })),
            kindOf(await standing.call(RESET, { input }, { from })),
          ].join(' ');
          const right = 'SignedIn InvalidCredentialsError InvalidTokenError InvalidTokenError';
          return [
            ...(['PasswordChanged', 'InvalidTokenError'].includes(kindOf(again))
              ? []
              : ['cannot go on']),
            ...(answers === right ? [] : [`new, old, session, code: ${answers}`]),
          ];
        },
      };
    },
  };
}
