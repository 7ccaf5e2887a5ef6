import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/client.ts';
import type { PendingRegistration, User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Outcome } from '../graphql/result.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { newProof, subjectOfNobody } from '../proofs/one-time-token/issue.ts';
import { replaceOneTimeToken } from '../proofs/one-time-token/store.ts';
import { newRegistrationToken } from '../registration/token.ts';

/** The address must be proven first; a mail with a link and a code is on its way. */
export type EmailVerificationRequired = Outcome<'EmailVerificationRequired'> & {
  readonly email: string;
  readonly expiresAt: Date;
  readonly registrationToken: string;
  readonly resendableAt: Date;
};

/**
 * Whose address is to be proven: a registration that waits for it, an account without proof, or
 * nobody, for whom the same is done and nothing is mailed (LG-5).
 */
export type Unverified =
  | { readonly pending: PendingRegistration; readonly holder: User | null }
  | { readonly user: User; readonly anonymous: boolean }
  | { readonly nobody: { readonly email: string; readonly name: null } };

/**
 * Mails the proof of an address, in the caller's transaction.
 *
 * When somebody already holds the address, the same rows are written and the mail says so instead:
 * its token is in no mail, so the registration can never be activated, and neither the answer nor
 * its duration tells the two apart (LG-4).
 */
export async function sendEmailVerification(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  unverified: Unverified,
  client: Client,
): Promise<EmailVerificationRequired> {
  const { email, name } = addresseeOf(unverified);
  const proof = newProof(deps, {
    purpose: 'verify-email',
    email,
    ...subjectOf(unverified),
  });
  const { appUrl } = deps.config;
  const holder = 'pending' in unverified ? unverified.holder : null;
  // Begun one after the other and sent together.
  await Promise.all([
    replaceOneTimeToken(executor, proof.row),
    enqueueMail(deps, executor, {
      to: email,
      decoy: 'nobody' in unverified,
      byOwner: 'user' in unverified && !unverified.anonymous,
      message: holder
        ? { template: 'already-registered', url: appUrl, from: client }
        : {
            template: 'verify-email',
            name,
            url: `${appUrl}/verify-email?token=${proof.token}`,
            code: proof.code,
            expiresAt: proof.expiresAt,
            codeExpiresAt: proof.codeExpiresAt,
            from: client,
          },
    }),
    recordAudit(deps, executor, {
      type: 'EMAIL_VERIFICATION_SENT',
      userId: holder?.id ?? ('user' in unverified ? unverified.user.id : null),
      actorId: null,
      client,
    }),
  ]);
  return verificationRequired(deps, email, proof.expiresAt);
}

/** The one answer, whatever was mailed. */
export function verificationRequired(
  deps: Pick<Deps, 'clock' | 'random'>,
  email: string,
  expiresAt: Date,
): EmailVerificationRequired {
  const registrationToken = newRegistrationToken(deps);
  const resendableAt = deps.clock.now();
  return { kind: 'EmailVerificationRequired', email, expiresAt, registrationToken, resendableAt };
}

/** Whose address is to be proven, and the name the mail greets; nobody's has none. */
export function addresseeOf(unverified: Unverified) {
  if ('pending' in unverified) return unverified.pending;
  return 'user' in unverified ? unverified.user : unverified.nobody;
}

/**
 * A proof speaks for what caused its mail and for nothing else (PR-8): a pending registration by
 * its id; an account by the version of the credentials whose holder asked, and by none when a
 * stranger asked, so that proving the address then takes the account over from its first claimant.
 */
function subjectOf(unverified: Unverified) {
  if ('pending' in unverified) return { subject: unverified.pending.id };
  if ('nobody' in unverified) return { subject: subjectOfNobody(unverified.nobody.email) };
  const { user, anonymous } = unverified;
  return { userId: user.id, credentialVersion: anonymous ? null : user.credentialVersion };
}
