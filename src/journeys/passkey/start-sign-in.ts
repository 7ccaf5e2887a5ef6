import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { startCeremony } from '../../proofs/passkey/ceremony.ts';
import { requestOptions } from '../../proofs/passkey/options.ts';

/** The options of a ceremony, and the token with which the browser completes it. */
export type PasskeyRequest = Outcome<'PasskeyRequest'> & {
  readonly ceremonyToken: string;
  readonly options: ReturnType<typeof requestOptions>;
  readonly expiresAt: Date;
};

/**
 * Starts a sign-in with a passkey. It takes no address and names no passkey, so that it reveals nothing (PK-4c).
 * It reads and writes nothing either, so it needs no rate limit.
 *
 * @throws NotFoundError if passkeys are off
 */
export function startPasskeySignIn(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
): PasskeyRequest {
  if (!deps.config.passkeys.enabled) throw new NotFoundError();
  const ceremony = startCeremony(deps, { purpose: 'sign-in', boundTo: null });
  const { ceremonyToken, expiresAt } = ceremony;
  const options = requestOptions(deps, ceremony);
  return { kind: 'PasskeyRequest', ceremonyToken, options, expiresAt };
}
