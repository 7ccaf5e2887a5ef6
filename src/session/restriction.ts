import type { Config } from '../config.ts';
import type { Session } from '../db/tables/session.ts';
import { MfaEnrollmentRequiredError } from '../kernel/errors.ts';

/**
 * True for a session that may do nothing but set up a second factor or prove one: the server asks
 * for one (MFA_REQUIRED) and none was ever proven on it. Decided by the session's own row, so it
 * holds at once for sessions from before the setting (RR-9) and ends with the proof.
 */
export function isRestricted(config: Pick<Config, 'mfaRequired'>, session: Session): boolean {
  return config.mfaRequired && session.secondFactorAt === null;
}

/** @throws MfaEnrollmentRequiredError for a restricted session */
export function demandUnrestricted(config: Pick<Config, 'mfaRequired'>, session: Session): void {
  if (isRestricted(config, session)) throw new MfaEnrollmentRequiredError();
}
