import { backupCodesIfNone } from '../../credential-change/first-backup-codes.ts';
import { hasWayInBesideMailbox } from '../../credential-change/ways-in.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { MAIL_CODE_DIGITS } from '../../kernel/proof.ts';
import { readDigits } from '../../kernel/unicode.ts';
import { checkOneTimeToken, spendOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import { insertEmailFactor } from '../../proofs/second-factor/email-factor-store.ts';
import { InvalidCodeError, MailboxOnlyError } from '../../proofs/second-factor/errors.ts';
import { endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { markEmailVerified } from '../../user/store.ts';
import { type MfaEnabled, mfaEnabled } from './mfa-enabled.ts';

/**
 * Enables codes by mail with the code that was mailed to this session. The code also verifies the address
 * (PR-9).
 *
 * @throws InvalidCodeError, MailboxOnlyError, ServerBusyError; NotAuthenticatedError, StepUpRequiredError
 */
export async function confirmEmailMfa(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'outbox'>,
  viewer: Authentication,
  typed: string,
  client: Client,
  signal: AbortSignal,
): Promise<MfaEnabled> {
  const { id: userId, email } = viewer.user;
  const code = readDigits(typed, MAIL_CODE_DIGITS);
  if (code === null) throw new InvalidCodeError();
  // A code of another session is not verified here, so presenting it here does not use it up (EO-3).
  const holder = { userId, subject: viewer.session.id };
  const presented = { code: { email, code } };
  const proof = await checkOneTimeToken(deps, 'enable-email-mfa', presented, holder);
  if (!proof) throw new InvalidCodeError();
  const codes = await backupCodesIfNone(deps, userId, client, signal);
  const enabled = await viewerTransaction(deps, viewer, 'enrollStepUp', async (tx, current) => {
    const spent = await run(tx, spendOneTimeToken(deps, proof));
    // Thrown so that a code for a former address is not used up.
    if (spent?.email !== current.user.email) throw new InvalidCodeError();
    // The other ways in may have been removed since the code was requested.
    if (!(await hasWayInBesideMailbox(deps, tx, current.user))) throw new MailboxOnlyError();
    const now = deps.clock.now();
    if (!(await run(tx, insertEmailFactor({ userId, now })))) return null;
    await run(tx, markEmailVerified(userId, now));
    await endAddressClaims(deps, tx, spent.email);
    return await mfaEnabled(deps, tx, current, { factor: 'email', isProven: true, codes, client });
  });
  if (!enabled) throw new InvalidCodeError();
  deps.outbox.wake();
  return enabled;
}
