import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { SECOND } from '../kernel/duration.ts';
import { type ReauthenticationMethod, StepUpRequiredError } from '../kernel/errors.ts';
import {
  type EnrolledFactors,
  enrolledSecondFactors,
  offeredMethods,
  owesSecondFactor,
} from '../proofs/second-factor/enrolled.ts';
import { restsOnMailbox } from '../proofs/second-factor/method.ts';

/**
 * Reads the person's factors and requires a fresh proof, as {@link requireFreshProof} says.
 *
 * @throws StepUpRequiredError with what this person can prove themself with
 */
export async function requireStepUp(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  viewer: Authentication,
): Promise<void> {
  requireFreshProof(deps, viewer, await enrolledSecondFactors(deps.db, viewer.user.id));
}

/**
 * Requires that the session's proof is fresh. People with a second factor must have proven it
 * recently; everyone else must have proven any factor recently (SE-6, TO-7).
 *
 * @throws StepUpRequiredError with what this person can prove themself with
 */
export function requireFreshProof(
  deps: Pick<Deps, 'clock' | 'config'>,
  viewer: Authentication,
  factors: EnrolledFactors,
): void {
  const { stepUpMaxAge } = deps.config;
  const { authenticatedAt, secondFactorAt } = viewer.session;
  const provenAt = owesSecondFactor(factors) ? secondFactorAt : authenticatedAt;
  if (provenAt && deps.clock.now().getTime() - provenAt.getTime() <= stepUpMaxAge) return;
  throw new StepUpRequiredError(stepUpMaxAge / SECOND, stepUpMethods(viewer, factors));
}

/**
 * What opens the way to a sensitive act. Nobody is left without any: who has neither a password
 * nor a second factor is offered a code by mail.
 */
export function stepUpMethods(
  { user, session }: Authentication,
  factors: EnrolledFactors,
): ReauthenticationMethod[] {
  const password: ReauthenticationMethod[] = user.passwordHash === null ? [] : ['PASSWORD'];
  if (!owesSecondFactor(factors)) return password.length > 0 ? password : ['EMAIL'];
  const methods: ReauthenticationMethod[] = offeredMethods(factors, session.methods, user);
  // A mailbox alone opened this session (EO-6): once the password is proven, a mailed code counts.
  // Not a password that came from that mailbox, too: proving it adds nothing.
  const wantsPassword = restsOnMailbox(session.methods, user) && !user.passwordFromMail;
  return factors.email && wantsPassword ? [...methods, ...password] : methods;
}
