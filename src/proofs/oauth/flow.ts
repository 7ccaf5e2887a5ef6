import * as z from 'zod';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { OAuthFlow } from '../../db/tables/identity.ts';
import type { Deps } from '../../deps.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import type { AuthorizationRequest } from '../../kernel/identity-provider.ts';
import { equal, sha256 } from '../../kernel/secret.ts';
import { OAuthFailedError, type OAuthFailure } from './errors.ts';
import { claimFlowRow, findFlowByToken, insertFlow } from './store.ts';

const LIFETIME = 10 * MINUTE;
const PREFIX = 'lkf_';

/** The requester of a link: an account, in one of its sessions. */
export type Linker = { readonly userId: string; readonly sessionId: string };

/** A started flow. `flowToken` is sent only to the browser that started it. */
export type StartedFlow = AuthorizationRequest & {
  readonly flowToken: string;
  readonly expiresAt: Date;
};

/**
 * Creates an authorization request. State, nonce and verifier are 256 fresh random bits each and contain
 * nothing of the caller's (OA-1, OA-2). The request is created before it is stored, so that an unreachable
 * provider leaves no row.
 */
export function createAuthorizationRequest(
  deps: Pick<Deps, 'clock' | 'random'>,
  wanted: { readonly redirectUri: string; readonly freshLogin: boolean },
): AuthorizationRequest {
  const draw = () => deps.random.bytes(32).toString('base64url');
  const { redirectUri } = wanted;
  const freshSince = wanted.freshLogin ? deps.clock.now() : null;
  return { redirectUri, state: draw(), nonce: draw(), codeVerifier: draw(), freshSince };
}

/** Stores a flow until the browser returns: for ten minutes, to be used once. */
export async function keepFlow(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  request: AuthorizationRequest,
  about: { readonly provider: string; readonly linker: Linker | null },
): Promise<StartedFlow> {
  const now = deps.clock.now();
  const id = newId(deps);
  const flowToken = PREFIX + deps.random.bytes(32).toString('base64url');
  const expiresAt = after(now, LIFETIME);
  const { nonce, codeVerifier, freshSince } = request;
  const secrets = Buffer.from(JSON.stringify({ nonce, codeVerifier, freshSince }));
  await run(
    executor,
    insertFlow({
      id,
      stateHash: sha256(request.state),
      flowTokenHash: sha256(flowToken),
      provider: about.provider,
      redirectUri: request.redirectUri,
      sealedSecrets: deps.keyring.seal(secrets, contextOf(id)),
      sealedProfile: null,
      userId: about.linker?.userId ?? null,
      sessionId: about.linker?.sessionId ?? null,
      createdAt: now,
      expiresAt,
      usedAt: null,
    }),
  );
  return { ...request, flowToken, expiresAt };
}

/** A flow whose browser returned. It is used up. */
export type ClaimedFlow = {
  readonly request: AuthorizationRequest;
  /** The URL that the browser returned to, without a fragment. */
  readonly callbackUrl: string;
  readonly provider: string;
  /** The name that the provider posted beside its answer. Nobody signed it. */
  readonly postedName: string | null;
  /** The requester of a link; null for a sign-in. */
  readonly linker: Linker | null;
};

const secretsSchema = z.object({
  nonce: z.string(),
  codeVerifier: z.string(),
  freshSince: z.coerce.date().nullable(),
});

/**
 * Uses a flow up. One statement decides by the flow token, the state, the redirect URI, the provider and, for a
 * link, the session that requested it (OA-2, OA-4, OA-7, OA-10). A callback that does not match uses nothing
 * up, even if it reports an error.
 *
 * @throws OAuthFailedError
 */
export async function claimFlow(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config'>,
  presented: { readonly flowToken: string; readonly callbackUrl: string },
  caller: Linker | null,
): Promise<ClaimedFlow> {
  const callback = readCallback(presented.callbackUrl);
  const now = deps.clock.now();
  const configured = deps.config.oauth.providers;
  const wanted = {
    flowTokenHash: sha256(presented.flowToken),
    stateHash: sha256(callback.state),
    redirectUri: callback.redirectUri,
    providers: configured
      .filter(({ redirectUris }) => redirectUris.includes(callback.redirectUri))
      .map(({ id }) => id),
    caller,
    now,
  };
  const flow = await run(deps.db, claimFlowRow(wanted));
  if (!flow) {
    const candidate = await run(deps.db, findFlowByToken(wanted.flowTokenHash));
    throw new OAuthFailedError(whyNot(candidate, wanted, configured));
  }
  const { redirectUri, provider, userId, sessionId } = flow;
  const opened = deps.keyring.open(flow.sealedSecrets, contextOf(flow.id)).toString();
  const secrets = secretsSchema.parse(JSON.parse(opened));
  return {
    request: { redirectUri, state: callback.state, ...secrets },
    callbackUrl: callback.url,
    provider,
    postedName: postedNameOf(deps, flow),
    linker: userId !== null && sessionId !== null ? { userId, sessionId } : null,
  };
}

const profileSchema = z.object({ name: z.string() });

function postedNameOf(
  { keyring }: Pick<Deps, 'keyring'>,
  { id, sealedProfile }: OAuthFlow,
): string | null {
  if (sealedProfile === null) return null;
  const opened = keyring.open(sealedProfile, profileContextOf(id)).toString();
  return profileSchema.parse(JSON.parse(opened)).name;
}

type Callback = { readonly url: string; readonly redirectUri: string; readonly state: string };

/**
 * Cuts the query off as text. A URL parser repairs its input, and a repaired URL is not the configured one
 * (`\evil`, `//evil`, user info, another case). A fragment means nothing in this flow, and some providers
 * append one (`#_=_`).
 */
function readCallback(text: string): Callback {
  const [url = ''] = text.split('#');
  const end = url.indexOf('?');
  const [state, ...more] = new URLSearchParams(url.slice(end + 1)).getAll('state');
  if (end <= 0 || !URL.canParse(url) || state === undefined || more.length > 0) {
    throw new OAuthFailedError('malformed-callback');
  }
  return { url, redirectUri: url.slice(0, end), state };
}

function whyNot(
  flow: OAuthFlow | null,
  wanted: Parameters<typeof claimFlowRow>[0],
  configured: readonly { readonly id: string }[],
): OAuthFailure {
  if (!flow) return 'unknown-flow';
  if (!equal(flow.stateHash, wanted.stateHash)) return 'state-mismatch';
  if (flow.usedAt) return 'flow-used';
  if (flow.expiresAt <= wanted.now) return 'flow-expired';
  if (flow.redirectUri !== wanted.redirectUri) return 'redirect-uri-mismatch';
  if (!configured.some(({ id }) => id === flow.provider)) return 'provider-not-configured';
  if (!wanted.providers.includes(flow.provider)) return 'redirect-uri-mismatch';
  return 'other-session';
}

/** The context of a sealed profile, so that it opens in no other flow and as nothing else. */
export function profileContextOf(id: string): string {
  return `oauth-flow-profile:${id}`;
}

function contextOf(id: string): string {
  return `oauth-flow:${id}`;
}
