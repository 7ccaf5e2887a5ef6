import type { Executor } from '../db/driver/client.ts';
import type { PersonKey } from '../db/person-key.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import {
  forgetFailures,
  type KnownOrigins,
  readFailures,
  readOrigins,
  rememberOrigin,
} from './history-store.ts';
import { noticeFailures } from './notice-failures.ts';
import { noticeNewDevice } from './notice-new-device.ts';
import { originOf } from './origin.ts';
import type { SessionGrant } from './signed-in.ts';

/** What a person's earlier sign-ins were like. */
export type SignInHistory = { readonly origins: KnownOrigins; readonly failures: number };

/** Whose history: `id` may be an expression that finds the person by the same address. */
export type HistoryOwner = { readonly id: string | PersonKey; readonly email: string };

/** Reads two rows by their keys, in statements sent together; before the sign-in is recorded. */
export async function readHistory(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  executor: Executor,
  owner: HistoryOwner,
): Promise<SignInHistory> {
  const [origins, failures] = await Promise.all([
    readOrigins(executor, owner.id),
    readFailures(deps, executor, owner.email),
  ]);
  return { origins, failures };
}

/**
 * Mails the person of a sign-in whatever there is to notice about it (LG-6), and remembers the
 * sign-in for the next one. An address that never proved itself may be anybody's: whoever claimed it
 * could sign in from ever new devices and have each of them told to a stranger (RL-9).
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
  const { origins, failures } = history;
  const isProven = user.emailVerifiedAt !== null;
  const [toldOfDevice, toldOfFailures] = await Promise.all([
    isProven && noticeNewDevice(deps, executor, { user, client, origins }),
    isProven && noticeFailures(deps, executor, { user, client, failures }),
    rememberOrigin(executor, user.id, originOf(client)),
    forgetFailures(deps, executor, user.email),
  ]);
  return toldOfDevice || toldOfFailures;
}
