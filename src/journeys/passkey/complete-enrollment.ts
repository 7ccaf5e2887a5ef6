import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { credentialsChanged } from '../../credential-change/end-earlier-access.ts';
import { backupCodesIfNone } from '../../credential-change/first-backup-codes.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import type { NewBackupCodes } from '../../proofs/backup-code/generate.ts';
import {
  type Attestation,
  type AttestedPasskey,
  verifyAttestation,
} from '../../proofs/passkey/attestation.ts';
import { openCeremony } from '../../proofs/passkey/ceremony.ts';
import { storePasskey } from '../../proofs/passkey/enroll.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import { spendCeremony } from '../../proofs/passkey/store.ts';
import { recordRefusal } from '../../proofs/passkey/use.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { enablePasskeyFactor } from './enable-factor.ts';

/** A passkey was added, and every other session of the person has ended. */
export type PasskeyAdded = Outcome<'PasskeyAdded'> & {
  readonly passkey: Passkey;
  /** Shown once, if the passkey is the person's first second factor. */
  readonly backupCodes: readonly string[] | null;
  readonly viewer: Authentication;
};

type EnrollmentDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'log' | 'outbox'
>;

/**
 * Completes the enrollment that this session started. The person gets a mail with a link that removes the
 * passkey again (PK-5a, PR-12).
 *
 * @throws InvalidPasskeyError, PasskeyLimitError, ServerBusyError; NotAuthenticatedError, StepUpRequiredError
 */
export async function completePasskeyEnrollment(
  deps: EnrollmentDeps,
  viewer: Authentication,
  input: {
    readonly ceremonyToken: string;
    readonly attestation: Attestation;
    readonly name: string | null;
    /** True to make the person's passkeys a second factor, too (PK-5c). */
    readonly alsoSecondFactor: boolean;
  },
  client: Client,
  signal: AbortSignal,
): Promise<PasskeyAdded> {
  const { name, alsoSecondFactor } = input;
  // Before the ceremony is spent: if the server is busy, the authenticator's new passkey is not lost.
  const factor = alsoSecondFactor
    ? { codes: await backupCodesIfNone(deps, viewer.user.id, client, signal) }
    : null;
  const wanted = { purpose: 'enrollment', boundTo: viewer.session.id } as const;
  try {
    if (!deps.config.passkeys.enabled) throw new InvalidPasskeyError('switched-off');
    const ceremony = openCeremony(deps, input.ceremonyToken, wanted);
    // Spent before it is verified, whatever comes of it (PK-1a).
    const isFirst = await viewerTransaction(deps, viewer, 'enrollStepUp', (tx) =>
      run(tx, spendCeremony(ceremony)),
    );
    if (!isFirst) throw new InvalidPasskeyError('ceremony-spent');
    const attested = await verifyAttestation(deps, ceremony, input.attestation);
    const { userHandle } = ceremony;
    const added = await viewerTransaction(deps, viewer, 'enrollStepUp', (tx, current) =>
      add(deps, tx, current, { attested, userHandle, name, factor, client }),
    );
    deps.outbox.wake();
    return { kind: 'PasskeyAdded', ...added };
  } catch (error) {
    if (!(error instanceof InvalidPasskeyError)) throw error;
    // A session that ended meanwhile, or whose proof is too old, writes nothing about its person (SE-9).
    await viewerTransaction(deps, viewer, 'enrollStepUp', (tx, { user, session }) =>
      recordRefusal(deps, tx, error, {
        client,
        event: { type: 'PASSKEY_FAILED', userId: user.id, sessionId: session.id },
      }),
    );
    throw error;
  }
}

async function add(
  deps: EnrollmentDeps,
  tx: Executor,
  current: Authentication,
  added: {
    readonly attested: AttestedPasskey;
    readonly userHandle: string | null;
    readonly name: string | null;
    /** Null to leave the second factors as they are. */
    readonly factor: { readonly codes: NewBackupCodes | null } | null;
    readonly client: Client;
  },
): Promise<Omit<PasskeyAdded, 'kind'>> {
  const { factor, client } = added;
  const { user, session } = current;
  const by = { userId: user.id, sessionId: session.id };
  const passkey = await storePasskey(deps, tx, { ...added, userId: user.id });
  const act = {
    kind: 'passkey',
    sessionId: session.id,
    thing: passkey.id,
    label: passkey.name,
  } as const;
  const undo = await recordNewAccess(deps, tx, { user, act, client });
  const enabled = factor && (await enablePasskeyFactor(deps, tx, current, { ...factor, client }));
  const viewer = await credentialsChanged(deps, tx, current, enabled?.renewal ?? {});
  const detail = { passkey: passkey.id, synced: passkey.backupEligible };
  const event = { type: 'PASSKEY_ADDED', ...by, client, detail } as const;
  const news = {
    template: 'passkey-added',
    at: deps.clock.now(),
    from: client,
    name: passkey.name,
  } as const;
  const message = { ...news, alsoSecondFactor: enabled?.isNew ?? false, ...linkOf(undo) };
  await reportChange(deps, tx, event, { to: user.email, message });
  return { passkey, backupCodes: enabled?.backupCodes ?? null, viewer };
}
