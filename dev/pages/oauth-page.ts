import { html } from '../../src/kernel/html.ts';
import { OAUTH_CALLBACK_SCRIPT, OAUTH_START_SCRIPT } from './oauth-script.ts';
import { respondWithPage } from './page.ts';

/** Where a provider sends the browser back to by default, followed by its id. */
export const OAUTH_CALLBACK_PATH = '/oauth/callback/';

const ERRORS = `
    ... on Error { message }
    ... on InvalidInputError { issues { message } }`;

const START = `mutation StartOAuth($input: StartOAuthInput!) {
  startOAuth(input: $input) {
    __typename
    ... on OAuthStarted { authorizationUrl flowToken links }${ERRORS}
  }
}`;

const COMPLETE = `mutation CompleteOAuth($input: CompleteOAuthInput!) {
  completeOAuth(input: $input) {
    __typename
    ... on SignedIn { accessToken refreshToken viewer { user { email } } }
    ... on MfaRequired { challengeToken }
    ... on IdentityLinked { identity { email provider { name } } }
    ... on EmailVerificationRequired { email }${ERRORS}
  }
}`;

const PROVIDERS = 'query OAuthProviders { authSettings { oauthProviders { id name } } }';

/** A page with a button for every configured provider, to try the flow by hand. */
export function oauthPage(): Response {
  return respondWithPage({
    title: 'Sign in with a provider',
    body: html`<h1>Sign in with a provider</h1>
<div class="card">
<div id="providers"><p>Loading the providers …</p></div>
<label for="accessToken">Access token (optional): link the provider to its account instead of signing in</label>
<textarea id="accessToken" rows="4" spellcheck="false" autocomplete="off"></textarea>
<noscript><p>This page needs JavaScript to send GraphQL mutations.</p></noscript>
<div role="status"></div>
</div>
<p class="quiet">Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, OIDC_PROVIDERS or OAUTH_PROVIDERS, and register this server’s redirect URI <code>${OAUTH_CALLBACK_PATH}google</code> (or your provider’s id) there: see docs/providers.md.</p>`,
    script: OAUTH_START_SCRIPT,
    data: { providers: PROVIDERS, document: START, callbackPath: OAUTH_CALLBACK_PATH },
  });
}

/** The page that the provider sends the browser back to. It does not depend on the query. */
export function oauthCallbackPage(): Response {
  return respondWithPage({
    title: 'Back from the provider',
    body: html`<div class="card">
<h1>Back from the provider</h1>
<noscript><p>This page needs JavaScript to send a GraphQL mutation.</p></noscript>
<div role="status"><p>Completing …</p></div>
<p><a href="/dev/oauth">Start again</a></p>
</div>
<p class="quiet">In production, your own app serves this address and sends completeOAuth.</p>`,
    script: OAUTH_CALLBACK_SCRIPT,
    data: { document: COMPLETE },
  });
}
