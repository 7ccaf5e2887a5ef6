import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** The algorithms of the authenticator, by their COSE number. */
export type PasskeyAlgorithm = 'ES256' | 'EdDSA' | 'RS256';

/** What a real authenticator and its browser decide, and an attacker may change. */
export type CeremonyOverrides = {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  /** Members of the client data beyond the usual ones: `{ crossOrigin: true, topOrigin: '…' }`. */
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  readonly backupEligible?: boolean;
  readonly backedUp?: boolean;
  readonly counter?: number;
  /** Base64url; null sends none. */
  readonly userHandle?: string | null;
  /** The key that signs, in place of the passkey's own. */
  readonly privateKey?: KeyObject;
  /** Another public key in the attested data, as COSE_Key. */
  readonly publicKey?: Buffer;
  /** The attestation statement and its format. */
  readonly statement?: { readonly format: string; readonly bytes: Buffer };
};

/** One passkey inside the authenticator. */
export type StoredPasskey = {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly algorithm: PasskeyAlgorithm;
  counter: number;
};

/** The part of the creation options that the authenticator reads. */
type CreationOptions = {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly challenge: string;
  readonly excludeCredentials: readonly { readonly id: string }[];
};

/** The part of the request options that the authenticator reads. */
type RequestOptions = {
  readonly rpId: string;
  readonly challenge: string;
  readonly allowCredentials: readonly { readonly id: string }[];
};

/** An input of `PasskeyAttestationInput`. */
export type AttestationInput = {
  id: string;
  clientDataJSON: string;
  attestationObject: string;
  transports: string[];
};

/** An input of `PasskeyAssertionInput`. */
export type AssertionInput = {
  id: string;
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle: string | null;
};

/** An authenticator in software, with the browser around it. */
export type Authenticator = {
  readonly passkeys: StoredPasskey[];
  /** Answers `navigator.credentials.create`. */
  create(options: unknown, overrides?: CeremonyOverrides): AttestationInput;
  /** Answers `navigator.credentials.get` with the newest passkey that may answer, or the given one. */
  get(options: unknown, overrides?: CeremonyOverrides, passkey?: StoredPasskey): AssertionInput;
};

/**
 * Creates an authenticator. By default it is a synced one, as telephones are: it verifies the person, is
 * backed up and does not count.
 *
 * @param model.counts true for a security key, whose counter rises with each signature
 */
export function createAuthenticator(model: {
  readonly origin: string;
  readonly algorithm?: PasskeyAlgorithm;
  readonly synced?: boolean;
  readonly counts?: boolean;
  readonly aaguid?: string;
  /** The key and the id of every passkey that it creates, as a copied authenticator would have them. */
  readonly reuse?: StoredPasskey;
}): Authenticator {
  const { origin, algorithm = 'ES256', synced = true, counts = !synced } = model;
  const passkeys: StoredPasskey[] = [];

  const clientDataOf = (type: string, challenge: string, overrides: CeremonyOverrides) =>
    Buffer.from(
      JSON.stringify({
        type: overrides.type ?? type,
        challenge: overrides.challenge ?? challenge,
        origin: overrides.origin ?? origin,
        crossOrigin: false,
        ...overrides.clientData,
      }),
    );

  const headOf = (rpId: string, counter: number, key: boolean, overrides: CeremonyOverrides) => {
    const {
      userPresent = true,
      userVerified = true,
      backupEligible = synced,
      backedUp = synced && backupEligible,
    } = overrides;
    const flags =
      (userPresent ? 0x01 : 0) |
      (userVerified ? 0x04 : 0) |
      (backupEligible ? 0x08 : 0) |
      (backedUp ? 0x10 : 0) |
      (key ? 0x40 : 0);
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags, 0);
    tail.writeUInt32BE(overrides.counter ?? counter, 1);
    return Buffer.concat([sha256(overrides.rpId ?? rpId), tail]);
  };

  return {
    passkeys,
    create(given, overrides = {}) {
      const options = given as CreationOptions;
      const known = options.excludeCredentials.some(({ id }) =>
        passkeys.some((passkey) => passkey.id === id),
      );
      if (known) throw new Error('InvalidStateError: this authenticator has a passkey already');
      const { privateKey, publicKey } = model.reuse ?? generateKeys(algorithm);
      const id = model.reuse ? Buffer.from(model.reuse.id, 'base64url') : randomBytes(32);
      const passkey: StoredPasskey = {
        id: id.toString('base64url'),
        rpId: options.rp.id,
        userHandle: options.user.id,
        ...{ privateKey, publicKey, algorithm },
        counter: counts ? 1 : 0,
      };
      passkeys.push(passkey);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const authData = Buffer.concat([
        headOf(options.rp.id, passkey.counter, true, overrides),
        Buffer.from((model.aaguid ?? '').replaceAll('-', '').padStart(32, '0'), 'hex'),
        length,
        id,
        overrides.publicKey ?? coseKey(publicKey, algorithm),
      ]);
      const { format, bytes } = overrides.statement ?? { format: 'none', bytes: cborMap([]) };
      const attestationObject = cborMap([
        [cborText('fmt'), cborText(format)],
        [cborText('attStmt'), bytes],
        [cborText('authData'), cborBytes(authData)],
      ]);
      return {
        id: passkey.id,
        clientDataJSON: clientDataOf('webauthn.create', options.challenge, overrides).toString(
          'base64url',
        ),
        attestationObject: attestationObject.toString('base64url'),
        transports: synced ? ['hybrid', 'internal'] : ['usb'],
      };
    },
    get(given, overrides = {}, chosen) {
      const options = given as RequestOptions;
      const allowed = options.allowCredentials.map(({ id }) => id);
      const passkey =
        chosen ??
        passkeys.findLast(
          ({ id, rpId }) => rpId === options.rpId && (allowed.length === 0 || allowed.includes(id)),
        );
      if (!passkey) throw new Error('NotAllowedError: this authenticator has no such passkey');
      if (counts) passkey.counter += 1;
      const clientData = clientDataOf('webauthn.get', options.challenge, overrides);
      const authenticatorData = headOf(options.rpId, passkey.counter, false, overrides);
      const { userHandle = passkey.userHandle, privateKey = passkey.privateKey } = overrides;
      const signature = sign(
        passkey.algorithm === 'EdDSA' ? null : 'sha256',
        Buffer.concat([authenticatorData, sha256(clientData)]),
        privateKey,
      );
      return {
        id: passkey.id,
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle,
      };
    },
  };
}

function generateKeys(algorithm: PasskeyAlgorithm) {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

/** A public key as COSE_Key (RFC 9053 7, RFC 8230 4). */
export function coseKey(publicKey: KeyObject, algorithm: PasskeyAlgorithm): Buffer {
  const jwk = publicKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => cborBytes(Buffer.from(text ?? '', 'base64url'));
  switch (algorithm) {
    case 'ES256':
      return cborMap([
        [cborInt(1), cborInt(2)],
        [cborInt(3), cborInt(-7)],
        [cborInt(-1), cborInt(1)],
        [cborInt(-2), bytes(jwk.x)],
        [cborInt(-3), bytes(jwk.y)],
      ]);
    case 'EdDSA':
      return cborMap([
        [cborInt(1), cborInt(1)],
        [cborInt(3), cborInt(-8)],
        [cborInt(-1), cborInt(6)],
        [cborInt(-2), bytes(jwk.x)],
      ]);
    case 'RS256':
      return cborMap([
        [cborInt(1), cborInt(3)],
        [cborInt(3), cborInt(-257)],
        [cborInt(-1), bytes(jwk.n)],
        [cborInt(-2), bytes(jwk.e)],
      ]);
  }
}

function sha256(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}

/** CBOR (RFC 8949), as far as WebAuthn needs it. */
function cborHead(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) | argument);
  if (argument < 256) return Buffer.of((major << 5) | 24, argument);
  return Buffer.of((major << 5) | 25, argument >> 8, argument & 0xff);
}

export function cborInt(value: number): Buffer {
  return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
}

export function cborBytes(value: Buffer): Buffer {
  return Buffer.concat([cborHead(2, value.length), value]);
}

export function cborText(value: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
}

export function cborMap(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
}

/** The public key of a passkey as COSE_Key, as the server stores it. */
export function publicKeyOf({ publicKey, algorithm }: StoredPasskey): Buffer {
  return coseKey(publicKey, algorithm);
}
