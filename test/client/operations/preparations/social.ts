import { signUp } from '../../../support/journeys.ts';
import { begin, IDENTITIES, REDIRECT_URI, roundTrip } from '../../../support/oauth.ts';
import type { Preparations } from '../stage.ts';

/** Signing in with a provider, linking and unlinking it. */
export const SOCIAL: Preparations = {
  startOAuth: async () => ({
    variables: { input: { provider: 'forger', redirectUri: REDIRECT_URI } },
    outcome: 'OAuthStarted',
  }),
  completeOAuth: async ({ server, provider }) => {
    provider.claims = { sub: 'grace', email: 'grace@example.com', email_verified: true };
    const { flowToken, authorizationUrl } = await begin(server);
    const callbackUrl = await provider.visit(authorizationUrl);
    return { variables: { input: { flowToken, callbackUrl } }, outcome: 'SignedIn' };
  },
  unlinkIdentity: async ({ server, provider }) => {
    const { accessToken: token } = await signUp(server);
    await roundTrip(server, provider, { sub: 'ada' }, token);
    const { data } = await server.graphql(IDENTITIES, undefined, { token });
    const identityId = data.viewer.identities[0]?.id;
    return { token, variables: { input: { identityId } }, outcome: 'IdentityUnlinked' };
  },
};
