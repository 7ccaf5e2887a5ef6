import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { credentialsChanged } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
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

/** A passkey was added, and every other session of the person has ended. */
export type PasskeyAdded = Outcome<'PasskeyAdded'> & {
  readonly passkey: Passkey;
  readonly viewer: Authentication;
};

type EnrollmentDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'log' | 'outbox'
>;

/**
 * Completes the enrollment that this session started. The person gets a mail with a link that removes the
 * passkey again (PK-5a, PR-12).
 *
 * @throws InvalidPasskeyError, PasskeyLimitError; NotAuthenticatedError, StepUpRequiredError
 */
export async function completePasskeyEnrollment(
  deps: EnrollmentDeps,
  viewer: Authentication,
  input: {
    readonly ceremonyToken: string;
    readonly attestation: Attestation;
    readonly name: string | null;
  },
  client: Client,
): Promise<PasskeyAdded> {
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
      add(deps, tx, current, { attested, userHandle, name: input.name, client }),
    );
    deps.outbox.wake();
    return { kind: 'PasskeyAdded', ...added };
  } catch (error) {
    if (!(error instanceof InvalidPasskeyError)) throw error;
    // A session that ended meanwhile, or whose proof is too old, writes nothing about its person (SE-9).
    await viewerTransaction(deps, viewer, 'enrollStepUp', (tx, { user, session }) =>
      recordRefusal(deps, tx, error, {
        client,
        viewer: { userId: user.id, sessionId: session.id },
      }),
    );
    throw error;
  }
}

async function add(
  deps: EnrollmentDeps,
  tx: Executor,
  { user, session }: Authentication,
  added: {
    readonly attested: AttestedPasskey;
    readonly userHandle: string | null;
    readonly name: string | null;
    readonly client: Client;
  },
): Promise<{ readonly passkey: Passkey; readonly viewer: Authentication }> {
  const { client } = added;
  const now = deps.clock.now();
  const [userId, sessionId] = [user.id, session.id];
  const passkey = await storePasskey(deps, tx, { ...added, userId });
  const act = { kind: 'passkey', sessionId, thing: passkey.id, label: passkey.name } as const;
  const undo = await recordNewAccess(deps, tx, { user, act, client });
  const viewer = await credentialsChanged(deps, tx, { user, session }, {});
  const detail = { passkey: passkey.id, synced: passkey.backupEligible };
  const news = { template: 'passkey-added', at: now, from: client } as const;
  const message = { ...news, name: passkey.name, ...linkOf(undo) };
  await reportChange(
    deps,
    tx,
    { type: 'PASSKEY_ADDED', userId, sessionId, client, detail },
    { to: user.email, message },
  );
  return { passkey, viewer };
}
