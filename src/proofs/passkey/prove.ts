import type { Executor } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Deps } from '../../deps.ts';
import { equal } from '../../kernel/secret.ts';
import { type Assertion, type ReadAssertion, readAssertion, verifyAssertion } from './assertion.ts';
import type { AuthenticatorData } from './authenticator-data.ts';
import { type Ceremony, openCeremony } from './ceremony.ts';
import { InvalidPasskeyError } from './errors.ts';
import { findPasskeyByCredential, type OwnedPasskey, spendCeremony } from './store.ts';

/** The token of a ceremony and what the authenticator signed in it. */
export type PasskeyProof = { readonly ceremonyToken: string; readonly assertion: Assertion };

/** A passkey that was just proven. Nothing is recorded yet: see use.ts. */
export type ProvenPasskey = OwnedPasskey & { readonly data: AuthenticatorData };

/** What the proof must be for. */
type Wanted = Pick<Ceremony, 'purpose' | 'boundTo'> & {
  /** The person that the passkey must belong to (PK-2e); null for a sign-in, which names nobody. */
  readonly userId: string | null;
};

/** A proof whose ceremony was spent. It is not verified yet. */
export type PresentedPasskey = {
  readonly ceremony: Ceremony;
  readonly assertion: ReadAssertion;
  readonly isFirst: boolean;
  readonly owned: OwnedPasskey | null;
};

type ProveDeps = Pick<Deps, 'clock' | 'keyring' | 'config'>;

/**
 * Verifies a passkey for one purpose. Every proof requires user verification, so a passkey is two factors at
 * once (PK-2c).
 *
 * @throws InvalidPasskeyError; its `userId` names the expected person; for a sign-in, the owner once the passkey is known
 */
export async function provePasskey(
  deps: ProveDeps & Pick<Deps, 'db'>,
  proof: PasskeyProof,
  wanted: Wanted,
): Promise<ProvenPasskey> {
  return await verifyPresented(deps, await presentPasskey(deps, deps.db, proof, wanted), wanted);
}

/**
 * Spends the ceremony of a proof, before it is verified: a proof whose fields can be read works once, whether it is
 * right or wrong (PK-1a). The caller commits this, and then verifies the proof with {@link verifyPresented}.
 *
 * @throws InvalidPasskeyError if passkeys are switched off, there is no such ceremony, or the assertion is malformed;
 *   nothing is written then
 */
export async function presentPasskey(
  deps: ProveDeps,
  executor: Pick<Executor, 'send'>,
  proof: PasskeyProof,
  wanted: Wanted,
): Promise<PresentedPasskey> {
  if (!deps.config.passkeys.enabled) throw new InvalidPasskeyError('switched-off');
  const ceremony = openCeremony(deps, proof.ceremonyToken, wanted);
  const assertion = readAssertion(proof.assertion);
  const [isFirst, owned] = await pipeline(executor, [
    spendCeremony(ceremony),
    findPasskeyByCredential(assertion.credentialId),
  ]);
  return { ceremony, assertion, isFirst, owned };
}

/** @throws InvalidPasskeyError */
export async function verifyPresented(
  deps: ProveDeps,
  { ceremony, assertion, isFirst, owned }: PresentedPasskey,
  wanted: Wanted,
): Promise<ProvenPasskey> {
  const { userId } = wanted;
  if (!isFirst) throw new InvalidPasskeyError('ceremony-spent', { userId });
  if (!owned) throw new InvalidPasskeyError('unknown-passkey', { userId });
  const { passkey, user, userHandle } = owned;
  // Recorded for the person whose proof it was to be, and not for the owner of the passkey.
  if (userId !== null && userId !== user.id) {
    throw new InvalidPasskeyError('other-person', { userId });
  }
  try {
    const data = await verifyAssertion(deps, ceremony, passkey, assertion);
    requireUserHandle(wanted, assertion.userHandle, userHandle);
    return { passkey, user, userHandle, data };
  } catch (error) {
    if (!(error instanceof InvalidPasskeyError)) throw error;
    throw new InvalidPasskeyError(error.reason, { userId: user.id, passkeyId: passkey.id });
  }
}

/** L3 7.2, step 6: without an address, the user handle must be there; whenever it is, it must be the owner's. */
function requireUserHandle({ userId }: Wanted, presented: Buffer | null, owners: Buffer): void {
  if (presented === null) {
    if (userId === null) throw new InvalidPasskeyError('no-user-handle');
    return;
  }
  if (!equal(presented, owners)) throw new InvalidPasskeyError('other-user-handle');
}
