import { type AuditEvent, recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import { after, DAY } from '../../kernel/duration.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { lockUserForUpdate } from '../../user/store.ts';
import { InvalidPasskeyError } from './errors.ts';
import type { ProvenPasskey } from './prove.ts';
import { recordCounterAlarm, recordUse } from './store.ts';

/** A counter that does not rise is reported once within this time, so that nobody can cause mails without end. */
const ALARM_INTERVAL = DAY;

/**
 * Records the use of a proven passkey, in the transaction of what it proves and with the person locked.
 *
 * @throws InvalidPasskeyError if the passkey was removed, or is bound to one device and its counter did not rise
 *   (PK-3): the transaction writes nothing then, and the caller passes the error to {@link recordRefusal}
 */
export async function usePasskey(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  { passkey, data }: ProvenPasskey,
  client: Client,
): Promise<void> {
  const now = deps.clock.now();
  const { id, userId, backupEligible } = passkey;
  const { counter, backedUp } = data;
  const use = { id, counter, backedUp, now, quietSince: after(now, -ALARM_INTERVAL) };
  const used = await run(tx, recordUse(use));
  if (!used) {
    const reason = backupEligible ? 'unknown-passkey' : 'counter-not-risen';
    throw new InvalidPasskeyError(reason, { userId, passkeyId: id });
  }
  if (!used.isAlarm) return;
  const detail = { passkey: id, refused: false };
  await run(tx, recordAudit(deps, { type: 'PASSKEY_COUNTER_ALARM', userId, client, detail }));
}

/** What a refusal is recorded as. The reason and the passkey are added to the event's detail. */
type Refusal = { readonly client: Client; readonly event: Omit<AuditEvent, 'client'> };

/**
 * Records why a passkey was refused: for the operator, and never for the caller (PK-7). The owner of a security
 * key whose counter did not rise gets a mail, unless their address may be anybody's (RL-9). After the commit the
 * caller wakes the outbox.
 */
export async function recordRefusal(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'log'>,
  tx: Executor,
  { reason, userId, passkeyId }: InvalidPasskeyError,
  { client, event }: Refusal,
): Promise<void> {
  deps.log.warn({ reason, requestId: client.requestId }, 'passkey rejected');
  const about = { ...event.detail, reason, ...(passkeyId !== null && { passkey: passkeyId }) };
  const isAlarm = reason === 'counter-not-risen' && userId !== null && passkeyId !== null;
  const user = isAlarm ? await run(tx, lockUserForUpdate(userId)) : null;
  await run(tx, recordAudit(deps, { ...event, client, detail: about }));
  if (!user || passkeyId === null) return;
  const now = deps.clock.now();
  const alarm = { id: passkeyId, now, quietSince: after(now, -ALARM_INTERVAL) };
  const alarmed = await run(tx, recordCounterAlarm(alarm));
  if (!alarmed) return;
  const detail = { passkey: passkeyId, refused: true };
  await run(
    tx,
    recordAudit(deps, { ...event, type: 'PASSKEY_COUNTER_ALARM', userId, client, detail }),
  );
  if (!user.emailVerifiedAt) return;
  const message = { template: 'passkey-counter-alarm', at: now, from: client } as const;
  await run(tx, enqueueMail(deps, { to: user.email, message: { ...message, name: alarmed.name } }));
}
