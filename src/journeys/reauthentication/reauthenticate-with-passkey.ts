import { recordUses, useOf } from '../../access-ledger/record.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import {
  type PasskeyProof,
  type ProvenPasskey,
  presentPasskey,
  verifyPresented,
} from '../../proofs/passkey/prove.ts';
import { recordRefusal, usePasskey } from '../../proofs/passkey/use.ts';
import { amrWith } from '../../proofs/second-factor/method.ts';
import type { SessionGrant } from '../../session/create.ts';
import { renewSession } from '../../session/renew.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';

type PasskeyDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'log' | 'outbox' | 'accessTokenKeys'
>;

const METHOD = { method: 'PASSKEY' } as const;

/**
 * Reauthenticates on this session with a passkey of the person. The authenticator has verified the person, so
 * the passkey proves both factors at once (PK-2d), whether or not it is the person's second factor at sign-in.
 * Failures are not counted toward the daily limit of codes: nobody guesses a signature.
 *
 * @throws InvalidPasskeyError; NotAuthenticatedError if the session or the credentials changed in the meantime
 */
export async function reauthenticateWithPasskey(
  deps: PasskeyDeps,
  viewer: Authentication,
  proof: PasskeyProof,
  client: Client,
): Promise<SignedIn> {
  const { user, session } = viewer;
  const wanted = { purpose: 'reauthentication', boundTo: session.id, userId: user.id } as const;
  try {
    // A session that ended meanwhile writes nothing (SE-9).
    const presented = await viewerTransaction(deps, viewer, 'enroll', (tx) =>
      presentPasskey(deps, tx, proof, wanted),
    );
    const proven = await verifyPresented(deps, presented, wanted);
    const grant = await viewerTransaction(deps, viewer, 'enroll', (tx, current) => {
      const isUnchanged = current.user.credentialVersion === user.credentialVersion;
      if (!isUnchanged) throw new NotAuthenticatedError();
      return renew(deps, tx, current, proven, client);
    });
    return issueTokens(deps, grant);
  } catch (error) {
    if (!(error instanceof InvalidPasskeyError)) throw error;
    const about = { userId: user.id, sessionId: session.id, detail: METHOD };
    const event = { type: 'REAUTHENTICATION_FAILED', ...about } as const;
    await viewerTransaction(deps, viewer, 'enroll', (tx) =>
      recordRefusal(deps, tx, error, { client, event }),
    );
    deps.outbox.wake();
    throw error;
  }
}

async function renew(
  deps: PasskeyDeps,
  tx: Executor,
  current: Authentication,
  proven: ProvenPasskey,
  client: Client,
): Promise<SessionGrant> {
  const { user, session } = current;
  await usePasskey(deps, tx, proven, client);
  const now = deps.clock.now();
  const renewed = await renewSession(deps, tx, current, {
    authenticatedAt: now,
    secondFactorAt: now,
    methods: amrWith(session.methods, 'PASSKEY'),
  });
  const uses = [useOf({ ...METHOD, passkeyId: proven.passkey.id })];
  await run(tx, recordUses(deps, { sessionId: session.id, uses }));
  const about = { userId: user.id, sessionId: session.id, client, detail: METHOD };
  await run(tx, recordAudit(deps, { type: 'REAUTHENTICATED', ...about }));
  return renewed;
}
