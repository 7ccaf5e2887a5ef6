import type { Deps } from '../deps.ts';
import type { Authentication, RequestContext } from '../graphql/context.ts';
import type { Client } from '../kernel/ports.ts';
import { authenticate } from '../session/authenticate.ts';
import { demandUnrestricted } from '../session/restriction.ts';
import { demandStepUp } from '../session/step-up.ts';
import type { TokenCookies } from './token-cookies.ts';

/** What a request's resolvers are given. The bearer's session is read at most once. */
export function createRequestContext(
  deps: Deps,
  request: {
    readonly headers: Headers;
    readonly client: Client;
    readonly signal: AbortSignal;
    readonly cookies: TokenCookies;
  },
): RequestContext {
  let read: Promise<Authentication | null> | undefined;
  const authentication = () => {
    read ??= authenticate(deps, request.headers.get('authorization'));
    return read;
  };
  return {
    deps,
    client: request.client,
    signal: request.signal,
    refreshCookie: request.cookies.refresh,
    deviceCookie: request.cookies.device,
    authentication,
    isAdmitted: async () => {
      const viewer = await authentication();
      if (!viewer) return false;
      demandUnrestricted(deps.config, viewer.session);
      return true;
    },
    hasSteppedUp: async () => {
      const viewer = await authentication();
      if (!viewer) return false;
      await demandStepUp(deps, viewer);
      return true;
    },
  };
}
