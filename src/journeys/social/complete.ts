import type { Deps } from '../../deps.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { OAuthFailedError } from '../../proofs/oauth/errors.ts';
import { claimFlow } from '../../proofs/oauth/flow.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { oauthLimits } from '../../rate-limit/limits.ts';
import type { SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { type EnterDeps, enterWithIdentity } from './enter.ts';
import { type IdentityLinked, linkIdentity } from './link.ts';
import { recordingFailure } from './record-failure.ts';

type CompleteDeps = EnterDeps & Pick<Deps, 'log' | 'identityProviders'>;
type OAuthCallback = { readonly flowToken: string; readonly callbackUrl: string };
type OAuthCompleted = SignedIn | MfaRequired | EmailVerificationRequired | IdentityLinked;

/**
 * Completes an OAuth flow with the URL to which the provider returned the browser. The steps keep a slow
 * provider from occupying a database connection, and a callback from being used twice (OA-10):
 * 1. One statement of its own marks the flow as used.
 * 2. The provider is queried. No connection is in use meanwhile.
 * 3. Everything else is one transaction.
 *
 * @param viewer the signed-in person, if any: only the session that started a link can complete it
 * @throws RateLimitedError, OAuthFailedError, OAuthCancelledError, AccountLinkRequiredError
 */
export async function completeOAuth(
  deps: CompleteDeps,
  input: OAuthCallback,
  viewer: Authentication | null,
  client: Client,
): Promise<OAuthCompleted> {
  const limits = oauthLimits(deps.config, client, 'return');
  return await deps.rateLimiter.attempt(limits, { client }, () =>
    completeOnce(deps, input, viewer, client),
  );
}

async function completeOnce(
  deps: CompleteDeps,
  input: OAuthCallback,
  viewer: Authentication | null,
  client: Client,
): Promise<OAuthCompleted> {
  const caller = viewer && { userId: viewer.user.id, sessionId: viewer.session.id };
  const flow = await recordingFailure(deps, { provider: null, viewer, client }, () =>
    claimFlow(deps, input, caller),
  );
  const about = { provider: { id: flow.provider }, viewer, client };
  return await recordingFailure(deps, about, async () => {
    const provider = deps.identityProviders.find(flow.provider);
    if (!provider) throw new OAuthFailedError('provider-not-configured');
    const identified = await provider.identify(flow.request, flow.callbackUrl);
    // A name that the provider posted names a new account, unless the provider states one itself (AP-4).
    const proven = { ...identified, name: identified.name ?? flow.postedName };
    if (!flow.linker) return await enterWithIdentity(deps, proven, provider, client);
    // `claimFlow` finds the flow of a link only for the session that started it, so a link always has a
    // viewer.
    if (!viewer) throw new OAuthFailedError('other-session');
    return await linkIdentity(deps, proven, provider, viewer, client);
  });
}
