import { recordAudit } from '../../audit/record.ts';
import type { Config } from '../../config.ts';
import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { after } from '../../kernel/duration.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { evenTime } from '../../kernel/even-time.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import type { MailMessage } from '../../mail/messages.ts';
import { type IssuedProof, newProof } from '../../proofs/one-time-token/issue.ts';
import type { Purpose } from '../../proofs/one-time-token/purpose.ts';
import { replaceOneTimeToken } from '../../proofs/one-time-token/store.ts';
import { mailLimits, mailRequestLimits, noAccountLimits } from '../../rate-limit/limits.ts';
import { isAwaited } from '../../registration/store.ts';
import { isKnownDevice } from '../../sign-in-gate/known-device.ts';
import { findUserByEmail } from '../../user/store.ts';
import { newEmailSignInToken, subjectOfSignIn } from './token.ts';

/** The request was accepted. The answer does not reveal whether anything was mailed. */
export type EmailSignInStarted = Outcome<'EmailSignInStarted'> & {
  readonly email: string;
  readonly emailSignInToken: string;
  readonly expiresAt: Date;
  readonly resendableAt: Date;
};

/**
 * The credential version of a proof without an account. It is that of a new account, so that the link still
 * works for a person who registers in the meantime.
 */
const FIRST_CREDENTIAL_VERSION = 1;

type RequestDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox' | 'mailAnswerTime'
>;

/**
 * Mails a code and a link that sign in. The answer and its duration are the same for every address and every
 * number of requests (EL-5). Each request has a proof of its own, so that a stranger's request voids neither the
 * link nor the code of the owner. A known device has limits that strangers cannot use up. For everybody else,
 * once the day's allowance is used up, one more mail leaves each hour (RL-3).
 *
 * @throws NotFoundError if EMAIL_SIGN_IN is off
 */
export async function requestEmailSignIn(
  deps: RequestDeps,
  { email, deviceToken }: { readonly email: string; readonly deviceToken: string | null },
  client: Client,
): Promise<EmailSignInStarted> {
  const { mode, lifetime } = deps.config.emailSignIn;
  if (mode === 'off') throw new NotFoundError();
  const expiresAt = after(deps.clock.now(), lifetime);
  const emailSignInToken = newEmailSignInToken(deps, email);
  return await evenTime(deps.mailAnswerTime, async () => {
    const byOwner = await isKnownDevice(deps, email, deviceToken);
    const mail = mailLimits(deps.config, client, { purpose: 'email-sign-in', email, byOwner });
    if ((await deps.rateLimiter.count(mail, client)).allowed) {
      const subject = subjectOfSignIn(emailSignInToken);
      await mailSignIn(deps, { email, byOwner, subject, expiresAt }, client);
    }
    const [asker] = sourceOf(client);
    const resendableAt = await deps.rateLimiter.countRequest(
      mailRequestLimits(deps.config, 'email-sign-in', { asker, email }),
    );
    return { kind: 'EmailSignInStarted', email, emailSignInToken, expiresAt, resendableAt };
  });
}

/** Writes the same rows for every address: a mail that must not be sent is a decoy (LG-5). */
async function mailSignIn(
  deps: RequestDeps,
  request: {
    readonly email: string;
    readonly byOwner: boolean;
    readonly subject: string;
    readonly expiresAt: Date;
  },
  client: Client,
): Promise<void> {
  const { email, byOwner, subject, expiresAt } = request;
  const { mode } = deps.config.emailSignIn;
  // Counted for every address, so that an address without an account costs no more than the others.
  const reminding = mode === 'existing' ? noAccountLimits(deps.config, email) : [];
  const [user, awaited, reminder] = await Promise.all([
    run(deps.db, findUserByEmail(email)),
    run(deps.db, isAwaited({ email, now: deps.clock.now() })),
    deps.rateLimiter.count(reminding, client),
  ]);
  const letter = letterFor({ mode, user, awaited, mayRemind: reminder.allowed });
  const proof = newProof(deps, {
    purpose: letter.purpose,
    email,
    subject,
    credentialVersion: user?.credentialVersion ?? FIRST_CREDENTIAL_VERSION,
    from: client,
    ...(letter.purpose === 'email-sign-in' && { expiresAt }),
  });
  await transaction(deps.db, async (tx) => {
    await run(tx, replaceOneTimeToken(proof.row));
    const message = messageOf(deps.config, letter, proof, client);
    await run(tx, enqueueMail(deps, { to: email, decoy: letter.isDecoy, byOwner, message }));
    const event = { type: 'EMAIL_SIGN_IN_REQUESTED', userId: user?.id ?? null } as const;
    await run(tx, recordAudit(deps, { ...event, actorId: null, client }));
  });
  deps.outbox.wake();
}

/** What an address is mailed. */
type Letter = {
  readonly template: 'email-sign-in' | 'prove-address' | 'email-sign-in-no-account';
  readonly purpose: Extract<Purpose, 'email-sign-in' | 'verify-email'>;
  readonly isNew: boolean;
  readonly isDecoy: boolean;
};

/**
 * Decides what an address is mailed. A disabled account gets nothing. An address without an account gets a mail
 * that creates one, if the server creates accounts by mail. Otherwise its reader is notified once a day that there
 * is none (EL-8), or, if a registration waits for the address, gets the link that completes it, as after a request
 * for a reset (PR-11).
 */
function letterFor(about: {
  readonly mode: Config['emailSignIn']['mode'];
  readonly user: User | null;
  readonly awaited: boolean;
  readonly mayRemind: boolean;
}): Letter {
  const { mode, user, awaited, mayRemind } = about;
  const signIn = { template: 'email-sign-in', purpose: 'email-sign-in' } as const;
  if (user) return { ...signIn, isNew: false, isDecoy: user.disabledAt !== null };
  if (mode === 'register') return { ...signIn, isNew: true, isDecoy: false };
  if (awaited) {
    return { template: 'prove-address', purpose: 'verify-email', isNew: true, isDecoy: false };
  }
  const template = 'email-sign-in-no-account';
  return { ...signIn, template, isNew: true, isDecoy: !mayRemind };
}

function messageOf(
  { appUrl }: Pick<Config, 'appUrl'>,
  { template, isNew }: Letter,
  { token, code, expiresAt, codeExpiresAt }: IssuedProof,
  from: Client,
): MailMessage {
  switch (template) {
    case 'email-sign-in': {
      const url = `${appUrl}/email-sign-in?token=${token}`;
      return { template, url, code, expiresAt, codeExpiresAt, isNew, from };
    }
    case 'prove-address':
      return { template, url: `${appUrl}/verify-email?token=${token}`, expiresAt, from };
    case 'email-sign-in-no-account':
      return { template, url: appUrl, from };
  }
}
