import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { startCeremony } from '../../proofs/passkey/ceremony.ts';
import { PasskeyLimitError } from '../../proofs/passkey/errors.ts';
import { creationOptions } from '../../proofs/passkey/options.ts';
import { findUserHandle, listPasskeys } from '../../proofs/passkey/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** The options with which the browser creates a passkey, and the token with which it completes that. */
export type PasskeyEnrollment = Outcome<'PasskeyEnrollment'> & {
  readonly ceremonyToken: string;
  readonly options: ReturnType<typeof creationOptions>;
  readonly expiresAt: Date;
};

/** L3 14.6.1: as long as a user handle may be, and nothing but random. */
const USER_HANDLE_BYTES = 64;

/**
 * Starts adding a passkey. Nothing is written: an abandoned or failed start leaves everything as it was (PK-8).
 * The ceremony belongs to this session.
 *
 * @throws NotFoundError if passkeys are off; PasskeyLimitError; NotAuthenticatedError, StepUpRequiredError
 */
export async function startPasskeyEnrollment(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config'>,
  viewer: Authentication,
): Promise<PasskeyEnrollment> {
  const { enabled, perPerson } = deps.config.passkeys;
  if (!enabled) throw new NotFoundError();
  const read = await viewerTransaction(deps, viewer, 'enrollStepUp', async (tx, current) => {
    const userId = current.user.id;
    const own = await run(tx, listPasskeys(userId));
    return { ...current, own, known: await run(tx, findUserHandle(userId)) };
  });
  const { user, session, own, known } = read;
  if (own.length >= perPerson) throw new PasskeyLimitError(perPerson);
  const userHandle = known ?? deps.random.bytes(USER_HANDLE_BYTES);
  const about = { purpose: 'enrollment', boundTo: session.id, userHandle } as const;
  const ceremony = startCeremony(deps, about);
  const { ceremonyToken, expiresAt } = ceremony;
  const options = creationOptions(deps, ceremony, { user, userHandle, own });
  return { kind: 'PasskeyEnrollment', ceremonyToken, options, expiresAt };
}
