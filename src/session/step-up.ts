import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { SECOND } from '../kernel/duration.ts';
import { type ReauthenticationMethod, StepUpRequiredError } from '../kernel/errors.ts';

/**
 * Lets a sensitive act through only while the session's proof is fresh (SE-6).
 *
 * @throws StepUpRequiredError with what this person can prove themself with
 */
export function demandStepUp(
  deps: Pick<Deps, 'clock' | 'config'>,
  { user, session }: Authentication,
): void {
  const { stepUpMaxAge } = deps.config;
  const age = deps.clock.now().getTime() - session.authenticatedAt.getTime();
  if (age <= stepUpMaxAge) return;
  // Without a password the account was made through a provider: signing in there again is fresh.
  const methods: ReauthenticationMethod[] = [user.passwordHash === null ? 'OAUTH' : 'PASSWORD'];
  throw new StepUpRequiredError(stepUpMaxAge / SECOND, methods);
}
