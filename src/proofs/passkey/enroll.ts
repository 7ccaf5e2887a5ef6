import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import { newId } from '../../kernel/id.ts';
import { equal } from '../../kernel/secret.ts';
import { type Attestation, type AttestedPasskey, verifyAttestation } from './attestation.ts';
import { openCeremony } from './ceremony.ts';
import { InvalidPasskeyError, PasskeyLimitError } from './errors.ts';
import { makerOf } from './makers.ts';
import {
  countPasskeys,
  findUserHandle,
  insertPasskey,
  insertUserHandle,
  spendCeremony,
} from './store.ts';

/** A new passkey that was proven in the session that started its enrollment. It is not stored yet. */
export type ProvenEnrollment = AttestedPasskey & { readonly userHandle: Buffer };

/**
 * Verifies a new passkey. The ceremony is spent first, whatever comes of it (PK-1a). Nothing else is written
 * (PK-8).
 *
 * @throws InvalidPasskeyError
 */
export async function proveEnrollment(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config'>,
  presented: { readonly ceremonyToken: string; readonly attestation: Attestation },
  sessionId: string,
): Promise<ProvenEnrollment> {
  if (!deps.config.passkeys.enabled) throw new InvalidPasskeyError('switched-off');
  const wanted = { purpose: 'enrollment', boundTo: sessionId } as const;
  const ceremony = openCeremony(deps, presented.ceremonyToken, wanted);
  if (!(await run(deps.db, spendCeremony(ceremony)))) {
    throw new InvalidPasskeyError('ceremony-spent');
  }
  const attested = await verifyAttestation(deps, ceremony, presented.attestation);
  return { ...attested, userHandle: Buffer.from(ceremony.userHandle ?? '', 'base64url') };
}

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
    readonly proven: ProvenEnrollment;
    readonly name: string | null;
  },
): Promise<Passkey> {
  const { userId, proven, name } = enrolled;
  const { userHandle, ...attested } = proven;
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
