import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { type CeremonyPurpose, startCeremony } from './ceremony.ts';
import { requestOptions } from './options.ts';

/** The options of a proof with a passkey, and the token with which the browser completes it. */
export type PasskeyRequest = Outcome<'PasskeyRequest'> & {
  readonly ceremonyToken: string;
  readonly options: ReturnType<typeof requestOptions>;
  readonly expiresAt: Date;
};

/**
 * Starts a proof with a passkey. Nothing is written.
 *
 * @param about.own the passkeys that may answer; none for a sign-in, which names nobody (PK-4c)
 */
export function requestPasskey(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  about: {
    readonly purpose: Exclude<CeremonyPurpose, 'enrollment'>;
    readonly boundTo: string | null;
    readonly expiresAt?: Date;
    readonly own?: readonly Passkey[];
  },
): PasskeyRequest {
  const { own, ...ceremonial } = about;
  const ceremony = startCeremony(deps, ceremonial);
  const { ceremonyToken, expiresAt } = ceremony;
  return {
    kind: 'PasskeyRequest',
    ceremonyToken,
    options: requestOptions(deps, ceremony, own),
    expiresAt,
  };
}
