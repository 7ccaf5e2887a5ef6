import { PAGE_SCRIPT } from './page-script.ts';

/** Code that both pages of the OAuth flow share. */
const SHARED = `${PAGE_SCRIPT}
async function send(query, variables, accessToken) {
  const response = await fetch('/graphql', {
    method: 'POST',
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(accessToken && { authorization: 'Bearer ' + accessToken }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? 'The server sent no data.');
  return answer.data;
}

function refused(result) {
  const details = (result.issues ?? []).map((issue) => issue.message);
  show('bad', ...[result.message, ...details].map((text) => element('p', text)));
}

function failed(error) {
  show('bad', element('p', 'The request failed: ' + error.message));
}
`;

/** Lists the providers and sends the browser to the chosen one. The flow token stays in this tab. */
export const OAUTH_START_SCRIPT = `${SHARED}
async function start(provider) {
  const accessToken = document.getElementById('accessToken').value.trim();
  const redirectUri = location.origin + page.callbackPath + provider;
  try {
    const data = await send(page.document, { input: { provider, redirectUri } }, accessToken);
    const started = data.startOAuth;
    if (started.__typename !== 'OAuthStarted') return refused(started);
    if (accessToken && !started.links) {
      return show('bad', element('p', 'This access token has expired, so the provider would sign in and not be linked.'));
    }
    const { flowToken } = started;
    sessionStorage.setItem('oauth', JSON.stringify({ flowToken, accessToken }));
    location.assign(started.authorizationUrl);
  } catch (error) {
    failed(error);
  }
}

async function list() {
  const place = document.getElementById('providers');
  try {
    const { authSettings } = await send(page.providers, {});
    const buttons = authSettings.oauthProviders.map(({ id, name }) => {
      const button = element('button', 'Sign in with ' + name);
      button.type = 'button';
      button.addEventListener('click', () => start(id));
      return button;
    });
    if (buttons.length === 0) buttons.push(element('p', 'No providers are configured.'));
    place.replaceChildren(...buttons);
  } catch (error) {
    failed(error);
  }
}

list();
`;

/**
 * Completes the flow that this tab started. Removes the code from the address bar and the history
 * first (PR-10).
 */
export const OAUTH_CALLBACK_SCRIPT = `${SHARED}
const callbackUrl = location.href.split('#')[0];
history.replaceState(null, '', location.pathname);

const WORDS = {
  SignedIn: (result) => 'You are signed in as ' + result.viewer.user.email + '.',
  IdentityLinked: (result) => result.identity.provider.name + ' is linked to your account.',
  MfaRequired: () => 'This account uses two-step verification: send verifyMfa with the challenge token.',
  EmailVerificationRequired: (result) => 'A mail to ' + result.email + ' contains a link that confirms the address.',
};

async function complete() {
  const kept = JSON.parse(sessionStorage.getItem('oauth') ?? 'null');
  sessionStorage.removeItem('oauth');
  if (!kept) return show('bad', element('p', 'This tab did not start a sign-in.'));
  const { flowToken, accessToken } = kept;
  try {
    const data = await send(page.document, { input: { flowToken, callbackUrl } }, accessToken);
    const result = data.completeOAuth;
    const words = WORDS[result.__typename];
    if (!words) return refused(result);
    const parts = [element('p', words(result))];
    keepForGraphiql(result);
    if (result.accessToken) {
      const headers = JSON.stringify({ Authorization: 'Bearer ' + result.accessToken }, null, 2);
      parts.push(copyable('For the Headers tab of GraphiQL', headers));
      parts.push(copyable('Access token, to link another provider', result.accessToken));
    }
    if (result.refreshToken) parts.push(copyable('Refresh token', result.refreshToken));
    if (result.challengeToken) parts.push(copyable('Challenge token', result.challengeToken));
    show('good', ...parts);
  } catch (error) {
    failed(error);
  }
}

complete();
`;
