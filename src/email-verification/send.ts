import { not, type SQL, sql } from 'drizzle-orm';
import { recordAuditWhere } from '../audit/record.ts';
import type { Statement } from '../db/statement.ts';
import type { Registration } from '../db/tables/registration.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import type { MailSlot } from '../kernel/rate-limit.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import type { MailMessage, MailOrigin } from '../mail/messages.ts';
import { originOf } from '../mail/origin.ts';
import { newProof } from '../proofs/one-time-token/issue.ts';
import { PURPOSES } from '../proofs/one-time-token/purpose.ts';
import { insertAddressProof } from '../proofs/one-time-token/store.ts';
import { verificationMailLimits, verificationRequestLimits } from '../rate-limit/limits.ts';

/** The addressee of a mail that verifies an address (PR-11). */
export type Addressee = { readonly email: string } & (
  | {
      /** The mail's code is valid with the token of this registration. */
      readonly registration: Pick<Registration, 'id' | 'name'>;
      /** The account that already has the address, if any: its owner is notified instead (LG-4). */
      readonly holder: Pick<User, 'id'> | null;
    }
  /** For a person with a session or a factor of this account: the mail's code is valid for them. */
  | {
      readonly account: Pick<User, 'id' | 'name'>;
      /** True if they have verified it: the mail then has a limit that strangers cannot exhaust (RL-3). */
      readonly byOwner: boolean;
    }
  /** Requested by anybody: the mail has only a link, which gives no access to a registration. */
  | { readonly address: Pick<User, 'id'> | null }
  /** No registration is pending for this address: the same rows are written and nothing is mailed (LG-5). */
  | { readonly nobody: true; readonly id?: string }
);

type MailDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config' | 'act'>;
type SendDeps = MailDeps & Pick<Deps, 'rateLimiter' | 'outbox'>;

/** The facts about a mail that the response reveals. */
type Mailed = { readonly expiresAt: Date; readonly resendableAt: Date };

/**
 * Mails the proof of an address, as far as its limits allow, in one round trip. Neither the answer nor its
 * duration tells whether they did: the same rows are written, and a decoy takes the way of the mail (LG-4).
 * If the burst limit is exhausted, the mail leaves when the limit opens.
 *
 * @param alongside what the same transaction writes before the mail
 * @returns `resendableAt`: from when on the client may ask again
 */
export async function mailVerification(
  deps: SendDeps,
  to: Addressee,
  client: Client,
  alongside: readonly Statement<unknown>[] = [],
): Promise<Mailed> {
  const { email } = to;
  const byOwner = 'account' in to && to.byOwner;
  const limits = verificationMailLimits(deps.config, client, {
    ...{ email, byOwner },
    decoy: 'nobody' in to,
  });
  const requests = verificationRequestLimits(deps.config, client, {
    ...{ email, byOwner },
    id: holderOf(to),
  });
  const { resendableAt } = await deps.rateLimiter.schedule(limits, requests, client, (slot) => [
    ...alongside,
    ...mailStatements(deps, { to, slot }, client),
  ]);
  deps.outbox.wake();
  return { expiresAt: after(deps.clock.now(), PURPOSES['verify-email'].link), resendableAt };
}

/**
 * The same mail for a caller who has counted it: the statements of their transaction. After the commit the caller wakes
 * the outbox.
 */
export function mailAtOnce(deps: MailDeps, to: Addressee): readonly Statement<unknown>[] {
  const scheduledAt = sql`${deps.clock.now().toISOString()}::timestamptz`;
  return mailStatements(deps, { to, slot: { isRefused: sql`false`, scheduledAt } }, null);
}

/** The registration or the account that the requests and the code belong to. */
function holderOf(to: Addressee): string | null {
  if ('registration' in to) return to.registration.id;
  if ('account' in to) return to.account.id;
  return 'nobody' in to ? (to.id ?? null) : null;
}

function mailStatements(
  deps: MailDeps,
  { to, slot }: { readonly to: Addressee; readonly slot: MailSlot<SQL> },
  client: Client | null,
): readonly Statement<unknown>[] {
  const { email } = to;
  const proof = newProof(deps, { purpose: 'verify-email', email, from: client });
  const codeHolder = 'address' in to ? null : holderOf(to);
  return [
    insertAddressProof({ ...proof.row, codeHolder }, slot),
    enqueueMail(deps, {
      to: email,
      decoy: 'nobody' in to,
      isRefused: slot.isRefused,
      notBefore: slot.scheduledAt,
      byOwner: 'account' in to && to.byOwner,
      message: messageOf(deps, to, proof, originOf(deps, client)),
    }),
    recordAuditWhere(
      deps,
      { type: 'EMAIL_VERIFICATION_SENT', userId: accountOf(to), actorId: null, client },
      not(slot.isRefused),
    ),
  ];
}

function messageOf(
  { config }: Pick<Deps, 'config'>,
  to: Addressee,
  proof: ReturnType<typeof newProof>,
  from: MailOrigin,
): MailMessage {
  // The proof is then in no mail and can never be used.
  if ('registration' in to && to.holder) {
    return { template: 'already-registered', url: config.appUrl, from };
  }
  const { token, expiresAt, code, codeExpiresAt } = proof;
  const url = `${config.appUrl}/verify-email?token=${token}`;
  if ('address' in to) return { template: 'prove-address', url, expiresAt, from };
  const name = nameOf(to);
  return { template: 'verify-email', name, url, code, expiresAt, codeExpiresAt, from };
}

function nameOf(to: Addressee): string | null {
  if ('registration' in to) return to.registration.name;
  return 'account' in to ? to.account.name : null;
}

function accountOf(to: Addressee): string | null {
  if ('registration' in to) return to.holder?.id ?? null;
  if ('account' in to) return to.account.id;
  return 'address' in to ? (to.address?.id ?? null) : null;
}
