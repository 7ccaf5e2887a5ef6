/** What ties a provider’s answer to this browser, while it is away at the provider. */
const KEY = 'latchkey.oauth-flow';

/** Where providers send the browser back to: one of the server’s OAUTH_REDIRECT_URIS. */
export function redirectUri(): string {
  return `${location.origin}/oauth/callback`;
}

/** Leaves for the provider. */
export function leaveFor(started: {
  readonly authorizationUrl: string;
  readonly flowToken: string;
}) {
  sessionStorage.setItem(KEY, started.flowToken);
  location.assign(started.authorizationUrl);
}
