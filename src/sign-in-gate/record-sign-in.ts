import { recordAudit } from '../audit/record.ts';
import type { Statement } from '../db/statement.ts';
import type { Deps } from '../deps.ts';
import { DAY } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import type { MailMessage } from '../mail/messages.ts';
import type { SessionGrant } from '../session/create.ts';
import type { SignInHistory } from './history.ts';
import { forgetFailures, rememberOrigin } from './history-store.ts';
import { isKnown, originOf } from './origin.ts';

/** An account younger than this signs in for the first time because it was just registered. */
const FRESH = DAY;

/** From this number on, failed sign-ins are more than mistyped passwords. */
const MANY_FAILURES = 5;

/**
 * Records a sign-in: mails the person what they should notice about it (LG-6), remembers the device and
 * the network, ends the series of failed sign-ins, and writes the audit row.
 *
 * @param input.history the person's sign-ins before this one
 * @returns the statements for the transaction of the sign-in; `mailed` is true if a mail is among them
 */
export function recordSignIn(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  { session, user }: SessionGrant,
  input: { readonly client: Client; readonly history: SignInHistory },
): { readonly mailed: boolean; readonly statements: readonly Statement<void>[] } {
  const { client } = input;
  const notices = noticesOf(deps, user, input);
  const statements = [
    ...notices.map((message) => enqueueMail(deps, { to: user.email, message })),
    rememberOrigin(user.id, originOf(client)),
    forgetFailures(deps, user.email),
    recordAudit(deps, {
      type: 'SIGNED_IN',
      userId: session.userId,
      sessionId: session.id,
      client,
      detail: { method: session.methods.join(' ') },
    }),
  ];
  return { mailed: notices.length > 0, statements };
}

/**
 * The mails about a sign-in. An unproven address gets none, because it may be anybody's: somebody who
 * claimed it could sign in from ever new devices and have each of them reported to a stranger (RL-9).
 */
function noticesOf(
  { clock }: Pick<Deps, 'clock'>,
  user: SessionGrant['user'],
  { client, history }: { readonly client: Client; readonly history: SignInHistory },
): MailMessage[] {
  if (user.emailVerifiedAt === null) return [];
  const at = clock.now();
  const { origins, failures } = history;
  const isFresh = at.getTime() - user.createdAt.getTime() < FRESH;
  const isFirst = origins.devices.length === 0 && isFresh;
  const isNewDevice = !isFirst && !isKnown(origins, client);
  return [
    ...(isNewDevice ? [{ template: 'new-device-sign-in', at, from: client } as const] : []),
    // Many failures before a success: a guess may have been right.
    ...(failures >= MANY_FAILURES
      ? [{ template: 'signed-in-after-failures', at, from: client, failures } as const]
      : []),
  ];
}
