import type { Statement } from '../../db/statement.ts';
import type { MfaChallenge } from '../../db/tables/second-factor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import { equal, hmac, sha256 } from '../../kernel/secret.ts';
import { insertChallenge } from './challenge-store.ts';
import { type EnrolledFactors, offeredMethods } from './enrolled.ts';
import type { SecondFactorMethod } from './method.ts';

/** The first factor is proven and a second one is required. This is not a session. */
export type MfaRequired = Outcome<'MfaRequired'> & {
  readonly challengeToken: string;
  readonly expiresAt: Date;
  readonly methods: readonly SecondFactorMethod[];
};

const CHALLENGE_LIFETIME = 5 * MINUTE;
const PREFIX = 'lkc_';

/**
 * Draws a challenge, and makes the statement that stores it. Its token is 256 random bits. Only the browser that
 * proved the first factor receives it, which binds the challenge to that client (MF-2).
 */
export function issueChallenge(
  deps: Pick<Deps, 'clock' | 'random' | 'config'>,
  about: {
    readonly user: Pick<User, 'id' | 'credentialVersion' | 'passwordFromMail'>;
    readonly firstFactor: string;
    readonly identityId?: string | null;
    readonly factors: EnrolledFactors;
  },
): { readonly mfaRequired: MfaRequired; readonly statement: Statement<void> } {
  const now = deps.clock.now();
  const challengeToken = PREFIX + deps.random.bytes(32).toString('base64url');
  const expiresAt = after(now, CHALLENGE_LIFETIME);
  const statement = insertChallenge({
    id: newId(deps),
    tokenHash: sha256(challengeToken),
    userId: about.user.id,
    firstFactor: about.firstFactor,
    identityId: about.identityId ?? null,
    credentialVersion: about.user.credentialVersion,
    createdAt: now,
    expiresAt,
  });
  const methods = offeredMethods(deps.config, about.factors, [about.firstFactor], about.user);
  return {
    mfaRequired: { kind: 'MfaRequired', challengeToken, expiresAt, methods },
    statement,
  };
}

/** The MAC that is stored in place of a challenge's mailed code (EO-4). */
export function emailCodeMac(
  deps: Pick<Deps, 'keyring'>,
  challenge: Pick<MfaChallenge, 'id' | 'userId'>,
  code: string,
): Buffer {
  const [newest] = deps.keyring.keys('mfa-challenge');
  return hmac(newest, challenge.id, challenge.userId, code);
}

/** True for the newest code that was mailed for this challenge (EO-3). */
export function isEmailCodeOf(
  deps: Pick<Deps, 'keyring'>,
  challenge: Pick<MfaChallenge, 'id' | 'userId' | 'emailCodeMac'>,
  code: string,
): boolean {
  const stored = challenge.emailCodeMac;
  if (!stored) return false;
  return deps.keyring
    .keys('mfa-challenge')
    .some((key) => equal(hmac(key, challenge.id, challenge.userId, code), stored));
}
