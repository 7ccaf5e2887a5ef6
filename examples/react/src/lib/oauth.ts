/** What ties a provider’s answer to this browser, while it is away at the provider. */
const KEY = 'latchkey.oauth-flow';

/** The page that a provider sends the browser back to: each has one of its own. */
export function redirectUri(provider: string): string {
  return `${location.origin}/oauth/callback/${provider}`;
}

/** Leaves for the provider. */
export function leaveFor(started: {
  readonly authorizationUrl: string;
  readonly flowToken: string;
}): null {
  sessionStorage.setItem(KEY, started.flowToken);
  location.assign(started.authorizationUrl);
  return null;
}

/** The flow this browser is in, once: it works once. Null when it has begun none. */
export function takeFlowToken(): string | null {
  const token = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return token;
}
