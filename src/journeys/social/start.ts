import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidInputError, NotFoundError, RateLimitedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { createAuthorizationRequest, keepFlow } from '../../proofs/oauth/flow.ts';
import { oauthLimits } from '../../rate-limit/limits.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { orSessionEnded } from './link.ts';
import { recordingFailure } from './record-failure.ts';

/** Where to send the browser, and what it must keep. */
export type OAuthStarted = Outcome<'OAuthStarted'> & {
  readonly authorizationUrl: string;
  readonly flowToken: string;
  readonly expiresAt: Date;
  /** True if the flow links the provider to the signed-in account, false if it signs in. */
  readonly links: boolean;
};

/**
 * Starts an OAuth flow with a provider: with a signed-in person to link, otherwise to sign in. The redirect URI
 * is one of the provider's own, compared character by character (OA-4, OA-7).
 *
 * @param input.freshLogin the person must sign in at the provider again (docs/providers.md, "Fresh sign-ins")
 * @param viewer the signed-in person, whose authentication is recent; null to sign in
 * @throws InvalidInputError, NotFoundError, RateLimitedError; OAuthFailedError if the provider cannot be
 *   reached or the session ended; MfaEnrollmentRequiredError, StepUpRequiredError
 */
export async function startOAuth(
  deps: Pick<
    Deps,
    'db' | 'clock' | 'random' | 'keyring' | 'config' | 'log' | 'rateLimiter' | 'identityProviders'
  >,
  input: {
    readonly provider: string;
    readonly redirectUri: string;
    readonly freshLogin: boolean;
  },
  viewer: Authentication | null,
  client: Client,
): Promise<OAuthStarted> {
  const provider = deps.identityProviders.find(input.provider);
  if (!provider) throw new NotFoundError();
  if (!provider.redirectUris.includes(input.redirectUri)) {
    const message = 'This is not one of the redirect URIs of this provider.';
    throw new InvalidInputError([{ path: ['input', 'redirectUri'], message }]);
  }
  const spent = await deps.rateLimiter.count(oauthLimits(deps.config, client, 'start'), client);
  if (!spent.allowed) throw new RateLimitedError(spent.retryAfterSeconds);
  return await recordingFailure(deps, { provider, viewer, client }, async () => {
    const request = createAuthorizationRequest(deps, input);
    const authorizationUrl = await provider.authorizationUrl(request);
    const about = { provider: provider.id };
    const flow = viewer
      ? await orSessionEnded(() =>
          viewerTransaction(deps, viewer, 'stepUp', (tx, { session }) => {
            const linker = { userId: session.userId, sessionId: session.id };
            return keepFlow(deps, tx, request, { ...about, linker });
          }),
        )
      : await keepFlow(deps, deps.db, request, { ...about, linker: null });
    return {
      kind: 'OAuthStarted',
      authorizationUrl,
      flowToken: flow.flowToken,
      expiresAt: flow.expiresAt,
      links: viewer !== null,
    };
  });
}
