import { not, type SQL } from 'drizzle-orm';
import { recordAuditWhere } from '../audit/record.ts';
import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import type { Registration } from '../db/tables/registration.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import type { MailSlot } from '../kernel/rate-limit.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import type { MailMessage } from '../mail/messages.ts';
import { newProof } from '../proofs/one-time-token/issue.ts';
import { PURPOSES } from '../proofs/one-time-token/purpose.ts';
import { insertAddressProof } from '../proofs/one-time-token/store.ts';
import { verificationMailLimits, verificationRequestLimits } from '../rate-limit/limits.ts';

/** Whom a mail that proves an address is for (PR-11). */
export type Addressee = { readonly email: string } & (
  | {
      /** The mail's code is valid with the token of this registration. */
      readonly registration: Pick<Registration, 'id' | 'name'>;
      /** Who already has the address, if anybody: that person is notified instead (LG-4). */
      readonly holder: Pick<User, 'id'> | null;
    }
  /** For a person with a session or a factor of this account: the mail's code is valid for them. */
  | {
      readonly account: Pick<User, 'id' | 'name'>;
      /** True if they have proven it: the mail then has a limit that strangers cannot exhaust (RL-3). */
      readonly byOwner: boolean;
    }
  /** Asked for by anybody: the mail has a link only, which carries nothing of any registration. */
  | { readonly address: Pick<User, 'id'> | null }
  /** Nobody waits for this address: the same rows are written and nothing is mailed (LG-5). */
  | { readonly nobody: true; readonly id?: string }
);

/** Where a mail stands among those to its address: see `RateLimiter.schedule`. */
type Slot = MailSlot<SQL>;

type SendDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'>;

/**
 * Mails the proof of an address, as far as its budgets allow, in one round trip. Whether they did is
 * told by neither the answer nor its time: the same rows are written, and a decoy goes the way of the
 * mail (LG-4). Where the burst is used up the mail leaves when it opens.
 *
 * @returns `resendableAt`: from when on the one who asked may ask again
 */
export async function mailVerification(
  deps: SendDeps,
  to: Addressee,
  client: Client,
): Promise<Mailed> {
  return (await mailVerificationWith(deps, to, client, () => Promise.resolve())).mailed;
}

/** What the answer tells of a mail. */
type Mailed = { readonly expiresAt: Date; readonly resendableAt: Date };

/**
 * The same, and with it what else its transaction writes, before the mail.
 *
 * @param also begins all of its statements before it waits for any
 */
export async function mailVerificationWith<T>(
  deps: SendDeps,
  to: Addressee,
  client: Client,
  also: (tx: Executor) => Promise<T>,
): Promise<{ readonly mailed: Mailed; readonly result: T }> {
  const { email } = to;
  const byOwner = 'account' in to && to.byOwner;
  const limits = verificationMailLimits(deps.config, client, {
    ...{ email, byOwner },
    decoy: 'nobody' in to,
  });
  const asks = verificationRequestLimits(deps.config, client, { email, byOwner, id: holderOf(to) });
  const { resendableAt, result } = await deps.rateLimiter.schedule(
    limits,
    asks,
    client,
    (tx, slot) => inOrder(also(tx), write(deps, tx, { to, slot }, client)),
  );
  deps.outbox.wake();
  const expiresAt = after(deps.clock.now(), PURPOSES['verify-email'].link);
  return { mailed: { expiresAt, resendableAt }, result };
}

/** Waits for both, which were begun in this order, and has what the first came to. */
async function inOrder<T>(first: Promise<T>, second: Promise<void>): Promise<T> {
  const [result] = await Promise.all([first, second]);
  return result;
}

/** Whose asks and whose code it is: a registration's or an account's. */
function holderOf(to: Addressee): string | null {
  if ('registration' in to) return to.registration.id;
  if ('account' in to) return to.account.id;
  return 'nobody' in to ? (to.id ?? null) : null;
}

async function write(
  deps: SendDeps,
  tx: Executor,
  { to, slot }: { readonly to: Addressee; readonly slot: Slot },
  client: Client,
): Promise<void> {
  const { email } = to;
  const proof = newProof(deps, { purpose: 'verify-email', email, from: client });
  const codeHolder = 'address' in to ? null : holderOf(to);
  // One after the other on the connection, and sent together.
  await Promise.all([
    run(tx, insertAddressProof({ ...proof.row, codeHolder }, slot)),
    run(
      tx,
      enqueueMail(deps, {
        to: email,
        decoy: 'nobody' in to,
        isRefused: slot.isRefused,
        notBefore: slot.scheduledAt,
        byOwner: 'account' in to && to.byOwner,
        message: messageOf(deps, to, proof, client),
      }),
    ),
    run(
      tx,
      recordAuditWhere(
        deps,
        { type: 'EMAIL_VERIFICATION_SENT', userId: accountOf(to), actorId: null, client },
        not(slot.isRefused),
      ),
    ),
  ]);
}

function messageOf(
  { config }: Pick<Deps, 'config'>,
  to: Addressee,
  proof: ReturnType<typeof newProof>,
  client: Client,
): MailMessage {
  // Its proof is then in no mail, and can never be used.
  if ('registration' in to && to.holder) {
    return { template: 'already-registered', url: config.appUrl, from: client };
  }
  const { token, expiresAt, code, codeExpiresAt } = proof;
  const url = `${config.appUrl}/verify-email?token=${token}`;
  if ('address' in to) return { template: 'prove-address', url, expiresAt, from: client };
  const name = nameOf(to);
  return { template: 'verify-email', name, url, code, expiresAt, codeExpiresAt, from: client };
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
