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
type WayBack = { readonly flowToken: string; readonly callbackUrl: string };
type OAuthCompleted = SignedIn | MfaRequired | EmailVerificationRequired | IdentityLinked;

/**
 * Completes an OAuth flow with the URL that the provider sent the browser back to. The flow is marked as used
 * first, in a statement of its own. Then the provider is asked, while no connection is held. Everything that
 * follows is one transaction (OA-10).
 *
 * @param viewer the signed-in person, if any: only the session that started a link can complete it
 * @throws RateLimitedError, OAuthFailedError, OAuthCancelledError, AccountLinkRequiredError
 */
export async function completeOAuth(
  deps: CompleteDeps,
  input: WayBack,
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
  input: WayBack,
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
    const proven = await provider.identify(flow.request, flow.callbackUrl);
    if (!flow.linker) return await enterWithIdentity(deps, proven, provider, client);
    // The claim compared the linker with the caller. Without a caller it matched nothing.
    if (!viewer) throw new OAuthFailedError('other-session');
    return await linkIdentity(deps, proven, provider, viewer, client);
  });
}
