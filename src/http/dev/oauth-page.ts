import { html } from '../../kernel/html.ts';
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

/** A button for every configured provider: the round trip by hand. */
export function oauthPage(): Response {
  return respondWithPage({
    title: 'Sign in with a provider',
    body: html`<h1>Sign in with a provider</h1>
<div class="card">
<div id="providers"><p>Asking for the providers …</p></div>
<label for="accessToken">Access token: link to its account instead of signing in</label>
<textarea id="accessToken" rows="4" spellcheck="false" autocomplete="off"></textarea>
<noscript><p>This page sends GraphQL mutations and needs JavaScript for it.</p></noscript>
<div role="status"></div>
</div>
<p class="quiet">Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or OIDC_PROVIDERS, and allow the redirect URI <code>${OAUTH_CALLBACK_PATH}google</code>, or with your provider’s id, of this server there: docs/google.md.</p>`,
    script: OAUTH_START_SCRIPT,
    data: { providers: PROVIDERS, document: START, callbackPath: OAUTH_CALLBACK_PATH },
  });
}

/** Where the provider sends the browser back to. The page is the same whatever its address says. */
export function oauthCallbackPage(): Response {
  return respondWithPage({
    title: 'Back from the provider',
    body: html`<div class="card">
<h1>Back from the provider</h1>
<noscript><p>This page sends a GraphQL mutation and needs JavaScript for it.</p></noscript>
<div role="status"><p>Completing …</p></div>
<p><a href="/dev/oauth">Start again</a></p>
</div>
<p class="quiet">In production your own app stands at this address and sends completeOAuth.</p>`,
    script: OAUTH_CALLBACK_SCRIPT,
    data: { document: COMPLETE },
  });
}
