import type { Config } from '../../config.ts';
import type { Deps } from '../../deps.ts';
import { type Blocklist, shippedBlocklist } from './blocklist.ts';
import { isCommon } from './common.ts';
import { type PasswordWeakness, WeakPasswordError } from './errors.ts';
import { countCodePoints, MAX_CODE_POINTS, normalizePassword } from './normalize.ts';
import { containsPersonalData, type PasswordContext } from './personal-data.ts';

/** The longest password accepted, in code points (PW-6), as the API reports it to its clients. */
export const PASSWORD_MAX_LENGTH = MAX_CODE_POINTS;

/**
 * Everything that is wrong with a new password; empty if nothing is. Only length and lists count, and no
 * rules about kinds of characters (PW-6, PW-7, PW-8). Every operation that sets a password calls this.
 *
 * @param policy.minLength in code points of the normalized password
 */
export function checkPassword(
  policy: { readonly minLength: number },
  password: string,
  context: PasswordContext,
  blocklist: Blocklist = shippedBlocklist(),
): PasswordWeakness[] {
  const text = normalizePassword(password);
  if (text === null) return ['TOO_LONG'];
  const weaknesses: PasswordWeakness[] = [];
  if (countCodePoints(text) < policy.minLength) weaknesses.push('TOO_SHORT');
  if (isCommon(text, blocklist)) weaknesses.push('COMMON');
  if (containsPersonalData(text, context)) weaknesses.push('CONTAINS_PERSONAL_DATA');
  return weaknesses;
}

type PolicyConfig = Pick<Config, 'password' | 'appName' | 'appUrl'>;

/**
 * Every operation that sets a password calls this (PW-8): first the checks of this server alone, then, if it
 * is enabled, the check for known breaches (PW-9).
 *
 * @throws WeakPasswordError
 */
export async function requireStrongPassword(
  deps: Pick<Deps, 'breachCheck'> & { readonly config: PolicyConfig },
  password: string,
  owner: Omit<PasswordContext, 'serviceName'>,
): Promise<void> {
  requireAllowedPassword(deps, password, owner);
  await checkBreachedPassword(deps, password);
}

/**
 * The first half of {@link requireStrongPassword}: {@link checkPassword} with this deployment's
 * settings. It costs next to nothing, so it comes before any rate limit. The words of the service are its
 * name and the host of its frontend: "acme" in https://app.acme.example.
 *
 * @throws WeakPasswordError with every reason
 */
export function requireAllowedPassword(
  { config }: { readonly config: PolicyConfig },
  password: string,
  owner: Omit<PasswordContext, 'serviceName'>,
): void {
  const serviceName = `${config.appName} ${new URL(config.appUrl).hostname}`;
  const reasons = checkPassword(config.password, password, { ...owner, serviceName });
  if (reasons.length > 0) throw new WeakPasswordError(reasons);
}

/**
 * The second half, which asks another service. Call it only after a rate limit has counted the request;
 * otherwise strangers could make this server ask as often as they like (RL-13).
 *
 * @throws WeakPasswordError
 */
export async function checkBreachedPassword(
  { breachCheck }: Pick<Deps, 'breachCheck'>,
  password: string,
): Promise<void> {
  if (await breachCheck?.(password)) throw new WeakPasswordError(['BREACHED']);
}
