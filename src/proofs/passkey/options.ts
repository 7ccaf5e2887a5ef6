import type { Config } from '../../config.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { User } from '../../db/tables/user.ts';
import type { Clock } from '../../kernel/ports.ts';
import { toBase64url } from './base64url.ts';
import type { Ceremony } from './ceremony.ts';
import { ALGORITHMS } from './public-key.ts';

type OptionDeps = {
  readonly config: Pick<Config, 'passkeys' | 'appName'>;
  readonly clock: Clock;
};

/**
 * The options of a sign-in or another proof, for `PublicKeyCredential.parseRequestOptionsFromJSON`. User
 * verification is required of every proof (PK-2c).
 *
 * @param own the passkeys that may answer; none for a sign-in, where the authenticator offers what it has
 *   (PK-4c)
 */
export function requestOptions(
  { config, clock }: OptionDeps,
  ceremony: Ceremony,
  own: readonly Passkey[] = [],
) {
  return {
    rpId: config.passkeys.rpId,
    challenge: ceremony.challenge,
    timeout: remaining(clock, ceremony),
    userVerification: 'required',
    allowCredentials: own.map(descriptorOf),
  };
}

/** The options of an enrollment, for `PublicKeyCredential.parseCreationOptionsFromJSON` (PK-5b). */
export function creationOptions(
  { config, clock }: OptionDeps,
  ceremony: Ceremony,
  person: {
    readonly user: Pick<User, 'email' | 'name'>;
    readonly userHandle: Uint8Array;
    readonly own: readonly Passkey[];
  },
) {
  const { user, userHandle, own } = person;
  return {
    rp: { id: config.passkeys.rpId, name: config.appName },
    user: {
      id: toBase64url(userHandle),
      name: user.email,
      displayName: user.name ?? user.email,
    },
    challenge: ceremony.challenge,
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: remaining(clock, ceremony),
    excludeCredentials: own.map(descriptorOf),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
    extensions: { credProps: true },
  };
}

function descriptorOf({ credentialId, transports }: Passkey) {
  return { type: 'public-key', id: toBase64url(credentialId), transports: [...transports] };
}

function remaining(clock: Clock, { expiresAt }: Ceremony): number {
  return expiresAt.getTime() - clock.now().getTime();
}
