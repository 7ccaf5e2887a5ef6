import type { Config } from '../config.ts';
import type { Session } from '../db/tables/session.ts';
import { MfaEnrollmentRequiredError } from '../kernel/errors.ts';

/**
 * True for a session that may only enroll a second factor or prove one: the server requires one
 * (MFA_REQUIRED) and none was ever proven on this session. The session's own row decides. The
 * restriction therefore applies at once to sessions that are older than the setting (RR-9), and it
 * ends with the proof.
 */
export function isRestricted(config: Pick<Config, 'mfaRequired'>, session: Session): boolean {
  // An administrator who acts as the person has proven a second factor of their own.
  return config.mfaRequired && session.secondFactorAt === null && session.impersonatorId === null;
}

/** @throws MfaEnrollmentRequiredError for a restricted session */
export function requireUnrestricted(config: Pick<Config, 'mfaRequired'>, session: Session): void {
  if (isRestricted(config, session)) throw new MfaEnrollmentRequiredError();
}
