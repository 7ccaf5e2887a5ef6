import { COMPLETE, START } from '../../support/oauth.ts';
import type { ForgingProvider } from '../../support/provider.ts';
import { kindOf } from '../kit/balancer.ts';
import { anyAddress } from '../kit/device.ts';
import type { Ground, Journey } from '../kit/steps.ts';

/** Where the one provider of a stage sends the browser back to. */
const REDIRECT_URI = 'https://app.example.com/oauth/callback';

/** A first sign-in with a provider is cut; going there again ends in the same, one account. */
export function oauthCallback(provider: ForgingProvider): Journey {
  let people = 0;
  return {
    name: 'completeOAuth',
    async prepare(ground) {
      const { standing } = ground;
      people += 1;
      const email = `guest-${people}@faults.example`;
      const from = anyAddress();
      provider.claims = { sub: `guest-${people}`, email, email_verified: true, name: 'A Guest' };
      const roundTrip = async () => {
        const input = { provider: 'forger', redirectUri: REDIRECT_URI };
        const { value } = await standing.call(START, { input }, { from });
        return {
          flowToken: value.flowToken,
          callbackUrl: await provider.visit(value.authorizationUrl),
        };
      };
      const input = await roundTrip();
      return {
        call: (through) => through.once(COMPLETE, { input }, { from }),
        async check(again) {
          const before = await count(ground, email);
          const third = kindOf(await standing.call(COMPLETE, { input }, { from }));
          const anew = await standing.call(COMPLETE, { input: await roundTrip() }, { from });
          const after = await count(ground, email);
          return [
            ...(['SignedIn', 'OAuthFailedError'].includes(kindOf(again)) ? [] : ['cannot go on']),
            ...(before.users === before.identities ? [] : ['a person without an identity']),
            ...(before.sessions <= 1 ? [] : [`${before.sessions} sessions of one round trip`]),
            ...(third === 'OAuthFailedError' ? [] : [`the round trip once more: ${third}`]),
            ...(kindOf(anew) === 'SignedIn' ? [] : [`a new round trip: ${kindOf(anew)}`]),
            ...(after.users === 1 && after.identities === 1 ? [] : ['two accounts']),
          ];
        },
      };
    },
  };
}

async function count({ stage }: Ground, email: string) {
  const [row] = await stage.sql<{ users: number; identities: number; sessions: number }[]>`
    select count(distinct users.id)::int as users, count(distinct identities.id)::int as identities,
      count(distinct sessions.id)::int as sessions
    from users left join identities on identities.user_id = users.id
      left join sessions on sessions.user_id = users.id
    where users.email = ${email}`;
  return row ?? { users: 0, identities: 0, sessions: 0 };
}
