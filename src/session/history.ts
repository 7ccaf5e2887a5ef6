import { countFailuresSinceSignIn, listSignInOrigins } from '../audit/store.ts';
import type { Executor } from '../db/client.ts';
import type { PersonKey } from '../db/person-key.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { noticeFailures } from './notice-failures.ts';
import { noticeNewDevice, type Origin } from './notice-new-device.ts';
import type { SessionGrant } from './signed-in.ts';

/** What a person's earlier sign-ins were like. */
export type SignInHistory = { readonly origins: readonly Origin[]; readonly failures: number };

/** Reads it, in two statements sent together; before the sign-in itself is recorded. */
export async function readHistory(
  executor: Executor,
  userId: string | PersonKey,
): Promise<SignInHistory> {
  const [origins, failures] = await Promise.all([
    listSignInOrigins(executor, userId),
    countFailuresSinceSignIn(executor, userId),
  ]);
  return { origins, failures };
}

/**
 * Mails the person of a sign-in whatever there is to notice about it (LG-6).
 *
 * @returns true when a mail is on its way
 */
export async function noticeSignIn(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  { user }: SessionGrant,
  input: { readonly client: Client; readonly history: SignInHistory },
): Promise<boolean> {
  const { client, history } = input;
  const mailed = await Promise.all([
    noticeNewDevice(deps, executor, { user, client, origins: history.origins }),
    noticeFailures(deps, executor, { user, client, failures: history.failures }),
  ]);
  return mailed.includes(true);
}
