import { recordRemoved } from '../access-ledger/record.ts';
import { identityContent } from '../access-ledger/sealed-content.ts';
import { reportChange } from '../credential-change/report-change.ts';
import { requireWayIn } from '../credential-change/ways-in.ts';
import { type Executor, run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import { providerOf } from '../identity/provider-of.ts';
import { deleteIdentity } from '../identity/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { isId } from '../kernel/id.ts';
import { originOf } from '../mail/origin.ts';
import { deleteChallengesOfIdentity } from '../proofs/second-factor/challenge-store.ts';
import { revokeSessionsOfIdentity } from '../session/store.ts';
import type { Removal } from './remove-passkey.ts';

/**
 * Unlinks an account at a provider from a locked person, whoever asks, and ends every other session that signed in with
 * it (SE-10), so that whoever holds the account at the provider loses access. The last way of signing in cannot be
 * removed (OA-11).
 *
 * @throws NotFoundError, LastCredentialError
 */
export async function unlinkIdentityOf(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config' | 'act'>,
  tx: Executor,
  { person, sessionId, client }: Removal,
  identityId: string,
): Promise<void> {
  if (!isId(identityId)) throw new NotFoundError();
  const userId = person.id;
  const deleted = await run(tx, deleteIdentity({ id: identityId, userId }));
  if (!deleted) throw new NotFoundError();
  await requireWayIn(deps, tx, person);
  const provider = providerOf(deps.config, deleted.issuer);
  const at = deps.clock.now();
  const about = { userId, identityId: deleted.id };
  await run(tx, deleteChallengesOfIdentity(about));
  const sessionsRevoked = await run(
    tx,
    revokeSessionsOfIdentity({ ...about, exceptSessionId: sessionId, now: at }),
  );
  const entry = { kind: 'identity', thing: deleted.id, label: provider.name } as const;
  await recordRemoved(
    deps,
    tx,
    { ...entry, userId, sessionId },
    sessionId === null ? null : identityContent(deleted),
  );
  const event = {
    type: 'IDENTITY_UNLINKED',
    ...{ userId, sessionId, client },
    detail: { provider: provider.id, identity: deleted.id, sessionsRevoked },
  } as const;
  const message = {
    template: 'identity-unlinked',
    ...{ at, from: originOf(deps, client), provider: provider.name },
  } as const;
  await reportChange(deps, tx, event, { to: person.email, message });
}
