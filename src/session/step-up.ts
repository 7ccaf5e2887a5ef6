import type { Config } from '../config.ts';
import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { SECOND } from '../kernel/duration.ts';
import { type ReauthenticationMethod, StepUpRequiredError } from '../kernel/errors.ts';
import {
  type EnrolledFactors,
  enrolledSecondFactors,
  offeredMethods,
  requiresSecondFactor,
} from '../proofs/second-factor/enrolled.ts';
import { restsOnMailbox } from '../proofs/second-factor/method.ts';

/**
 * Reads the person's factors and requires a fresh proof: see {@link requireFreshProof}.
 *
 * @throws StepUpRequiredError with the methods that this person can use
 */
export async function requireStepUp(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  viewer: Authentication,
): Promise<void> {
  requireFreshProof(deps, viewer, await run(deps.db, enrolledSecondFactors(viewer.user.id)));
}

/**
 * Requires that the session's proof is fresh. People with a second factor must have proven it
 * recently; everyone else must have proven any factor recently (SE-6, TO-7). An administrator who acts as the person
 * has proven nothing of the person's and never can (IM-2).
 *
 * @throws StepUpRequiredError with the methods that this person can use
 */
export function requireFreshProof(
  deps: Pick<Deps, 'clock' | 'config'>,
  viewer: Authentication,
  factors: EnrolledFactors,
): void {
  const { stepUpMaxAge } = deps.config;
  const { authenticatedAt, secondFactorAt, impersonatorId } = viewer.session;
  if (impersonatorId !== null) throw new StepUpRequiredError(stepUpMaxAge / SECOND, []);
  const provenAt = requiresSecondFactor(factors) ? secondFactorAt : authenticatedAt;
  if (provenAt && deps.clock.now().getTime() - provenAt.getTime() <= stepUpMaxAge) return;
  throw new StepUpRequiredError(stepUpMaxAge / SECOND, stepUpMethods(deps.config, viewer, factors));
}

/**
 * The methods with which a person can step up. Everybody has at least one: people with neither a password
 * nor a second factor are offered a code by mail. Any passkey is offered, too, because it is two factors at
 * once; it takes the place of no other method, because the person may have it on another device (PK-5c).
 */
export function stepUpMethods(
  config: Pick<Config, 'passkeys'>,
  { user, session }: Authentication,
  factors: EnrolledFactors,
): ReauthenticationMethod[] {
  const password: ReauthenticationMethod[] = user.passwordHash === null ? [] : ['PASSWORD'];
  const isOffered = factors.hasPasskeys && config.passkeys.enabled;
  const passkey: ReauthenticationMethod[] = isOffered ? ['PASSKEY'] : [];
  if (!requiresSecondFactor(factors)) {
    return [...passkey, ...(password.length > 0 ? password : (['EMAIL'] as const))];
  }
  const others = offeredMethods(config, factors, session.methods, user);
  const methods = [...passkey, ...others.filter((method) => method !== 'PASSKEY')];
  // If the mailbox alone opened this session, a mailed code counts only after the password is proven
  // (EO-6). A password that was set through the same mailbox proves nothing more, so it is not offered.
  const wantsPassword = restsOnMailbox(session.methods, user) && !user.passwordFromMail;
  return factors.email && wantsPassword ? [...methods, ...password] : methods;
}
