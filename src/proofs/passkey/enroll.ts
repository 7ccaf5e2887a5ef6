import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import { newId } from '../../kernel/id.ts';
import { equal } from '../../kernel/secret.ts';
import type { AttestedPasskey } from './attestation.ts';
import { InvalidPasskeyError, PasskeyLimitError } from './errors.ts';
import { makerOf } from './makers.ts';
import { countPasskeys, findUserHandle, insertPasskey, insertUserHandle } from './store.ts';

/**
 * Stores a proven passkey, in the transaction of its enrollment and with the person locked.
 *
 * @param enrolled.name null gives it the name of its maker
 * @throws PasskeyLimitError; InvalidPasskeyError if the credential id exists, in whatever account (PK-4a), or if
 *   the person got another user handle since the start
 */
export async function storePasskey(
  deps: Pick<Deps, 'clock' | 'random' | 'config'>,
  tx: Executor,
  enrolled: {
    readonly userId: string;
    readonly attested: AttestedPasskey;
    /** The user handle that the authenticator was given, as the ceremony holds it. */
    readonly userHandle: string | null;
    readonly name: string | null;
  },
): Promise<Passkey> {
  const { userId, attested, name } = enrolled;
  const userHandle = Buffer.from(enrolled.userHandle ?? '', 'base64url');
  const { perPerson } = deps.config.passkeys;
  if ((await run(tx, countPasskeys(userId))) >= perPerson) throw new PasskeyLimitError(perPerson);
  await run(tx, insertUserHandle(userId, userHandle));
  const handle = await run(tx, findUserHandle(userId));
  if (!handle || !equal(handle, userHandle)) {
    throw new InvalidPasskeyError('user-handle-changed', { userId });
  }
  const passkey = await run(
    tx,
    insertPasskey({
      ...attested,
      ...{ id: newId(deps), userId, createdAt: deps.clock.now() },
      ...{ lastUsedAt: null, counterAlarmAt: null },
      transports: [...attested.transports],
      name: name ?? makerOf(attested.aaguid) ?? 'Passkey',
    }),
  );
  if (!passkey) throw new InvalidPasskeyError('already-enrolled', { userId });
  return passkey;
}
