import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { endOtherAccess } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import type { Attestation } from '../../proofs/passkey/attestation.ts';
import {
  type ProvenEnrollment,
  proveEnrollment,
  storePasskey,
} from '../../proofs/passkey/enroll.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import { recordRefusal } from '../../proofs/passkey/use.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { bumpCredentialVersion } from '../../user/credential-store.ts';

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
  try {
    const proven = await proveEnrollment(deps, input, viewer.session.id);
    const added = await viewerTransaction(deps, viewer, 'enrollStepUp', (tx, current) =>
      add(deps, tx, current, { proven, name: input.name, client }),
    );
    deps.outbox.wake();
    return { kind: 'PasskeyAdded', ...added };
  } catch (error) {
    if (!(error instanceof InvalidPasskeyError)) throw error;
    // A session that ended meanwhile writes nothing about its person any more (SE-9).
    await viewerTransaction(deps, viewer, 'enroll', (tx, { user, session }) =>
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
    readonly proven: ProvenEnrollment;
    readonly name: string | null;
    readonly client: Client;
  },
): Promise<{ readonly passkey: Passkey; readonly viewer: Authentication }> {
  const { proven, name, client } = added;
  const now = deps.clock.now();
  const [userId, sessionId] = [user.id, session.id];
  const passkey = await storePasskey(deps, tx, { userId, proven, name });
  const act = { kind: 'passkey', sessionId, thing: passkey.id, label: passkey.name } as const;
  const undo = await recordNewAccess(deps, tx, { user, act, client });
  const changed = await run(tx, bumpCredentialVersion({ userId, now }));
  const after = await endOtherAccess(deps, tx, changed, { sessionId });
  const detail = { passkey: passkey.id, synced: passkey.backupEligible };
  const news = { template: 'passkey-added', at: now, from: client } as const;
  const message = { ...news, name: passkey.name, ...linkOf(undo) };
  await reportChange(
    deps,
    tx,
    { type: 'PASSKEY_ADDED', userId, sessionId, client, detail },
    { to: user.email, message },
  );
  return { passkey, viewer: { user: changed ?? user, session: after.session } };
}
