import type { OAuthStarted } from '@latchkey/client/operations';
import type { Paths } from '../paths.ts';

/** The storage key of the token that ties a provider’s answer to this browser. */
const KEY = 'latchkey.oauth-flow';

/** The page that a provider sends the browser back to. Each provider has one of its own. */
export function redirectUri(paths: Paths, provider: string): string {
  return `${location.origin}${paths.oauthCallback}/${provider}`;
}

/** Sends the browser to the provider. */
export function leaveFor(started: OAuthStarted): null {
  sessionStorage.setItem(KEY, started.flowToken);
  location.assign(started.authorizationUrl);
  return null;
}

/**
 * Returns the token of this browser's flow and deletes it, because a flow works once. Null if no flow was
 * started.
 */
export function takeFlowToken(): string | null {
  const token = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return token;
}
