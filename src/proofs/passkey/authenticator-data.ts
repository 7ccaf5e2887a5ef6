import type { Config } from '../../config.ts';
import { equal, sha256 } from '../../kernel/secret.ts';
import { InvalidPasskeyError } from './errors.ts';

/** The head of the authenticator data (L3 6.1): the same 37 bytes in both ceremonies. */
export type AuthenticatorData = {
  readonly counter: number;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  /** True if the data contains a new public key. */
  readonly hasKey: boolean;
};

const HEAD_BYTES = 37;
const FLAGS = {
  present: 0x01,
  verified: 0x04,
  eligible: 0x08,
  backedUp: 0x10,
  key: 0x40,
  more: 0x80,
};

/**
 * Reads the head of the authenticator data and checks what both ceremonies require: the RP ID of the
 * configuration (PK-2b), a present and verified person (PK-2c), and a possible backup state.
 *
 * @throws InvalidPasskeyError
 */
export function readAuthenticatorData(
  { config }: { readonly config: Pick<Config, 'passkeys'> },
  bytes: Buffer,
): AuthenticatorData {
  if (bytes.length < HEAD_BYTES) throw new InvalidPasskeyError('malformed');
  const flags = bytes.readUInt8(32);
  const has = (flag: number) => (flags & flag) !== 0;
  const isLonger = bytes.length > HEAD_BYTES;
  if (isLonger !== (has(FLAGS.key) || has(FLAGS.more))) throw new InvalidPasskeyError('malformed');
  if (!equal(bytes.subarray(0, 32), sha256(config.passkeys.rpId))) {
    throw new InvalidPasskeyError('other-rp-id');
  }
  if (!has(FLAGS.present)) throw new InvalidPasskeyError('user-not-present');
  if (!has(FLAGS.verified)) throw new InvalidPasskeyError('user-not-verified');
  // L3 6.1.3: a passkey that cannot be backed up cannot be backed up now.
  if (has(FLAGS.backedUp) && !has(FLAGS.eligible)) throw new InvalidPasskeyError('backup-state');
  return {
    counter: bytes.readUInt32BE(33),
    backupEligible: has(FLAGS.eligible),
    backedUp: has(FLAGS.backedUp),
    hasKey: has(FLAGS.key),
  };
}
