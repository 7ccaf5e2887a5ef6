import { describe, expect, test } from 'vitest';
import { readAssertion, verifyAssertion } from '../../../src/proofs/passkey/assertion.ts';
import { verifyAttestation } from '../../../src/proofs/passkey/attestation.ts';
import { startCeremony } from '../../../src/proofs/passkey/ceremony.ts';
import { InvalidPasskeyError } from '../../../src/proofs/passkey/errors.ts';
import { creationOptions, requestOptions } from '../../../src/proofs/passkey/options.ts';
import {
  type AssertionInput,
  type AttestationInput,
  createAuthenticator,
  type PasskeyAlgorithm,
} from '../../support/authenticator.ts';
import { trialsOr } from '../../support/trials.ts';
import { deps, enroll, ORIGIN, user, userHandle } from './ceremonies.ts';

/** How many mutations of an assertion are tried, over all fields and algorithms. */
const MUTATIONS = trialsOr(10_000);

/** A small generator with a fixed seed, so that a failure can be repeated. */
function createDice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

type Dice = ReturnType<typeof createDice>;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The ways in which a field is altered. Each returns another text than the one given. */
const WAYS: readonly ((text: string, dice: Dice) => string)[] = [
  // One bit of the bytes.
  (text, dice) => {
    const bytes = Buffer.from(text, 'base64url');
    const at = dice(bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << dice(8)), at);
    return bytes.toString('base64url');
  },
  // One byte, replaced, inserted, removed or doubled.
  (text, dice) => {
    const bytes = [...Buffer.from(text, 'base64url')];
    bytes.splice(dice(bytes.length), dice(2), dice(256));
    return Buffer.from(bytes).toString('base64url');
  },
  (text, dice) => {
    const bytes = [...Buffer.from(text, 'base64url')];
    bytes.splice(dice(bytes.length), 1 + dice(4));
    return Buffer.from(bytes).toString('base64url');
  },
  (text, dice) => {
    const bytes = Buffer.from(text, 'base64url');
    return Buffer.concat([bytes, Buffer.alloc(1 + dice(3), dice(256))]).toString('base64url');
  },
  // One character: also those that leave the bytes as they are, the unused bits of the last one.
  (text, dice) => {
    const at = dice(3) === 0 ? text.length - 1 : dice(text.length);
    return text.slice(0, at) + ALPHABET.charAt(dice(64)) + text.slice(at + 1);
  },
  // Another spelling of the same bytes.
  (text, dice) => text + '='.repeat(1 + dice(2)),
  (text, dice) => `${text.slice(0, dice(text.length))} ${text}`,
  (text) => Buffer.from(text, 'base64url').toString('base64'),
  (text, dice) => `${text}${ALPHABET.charAt(dice(64))}`,
];

/** Another value of one field; null if the way changes nothing. */
function mutated<Fields extends object>(fields: Fields, name: keyof Fields, dice: Dice) {
  const text = String(fields[name]);
  const way = WAYS[dice(WAYS.length)];
  const altered = way?.(text, dice) ?? text;
  return altered === text ? null : { ...fields, [name]: altered };
}

describe('no altered assertion is accepted, whatever was altered', () => {
  test.each<PasskeyAlgorithm>(['ES256', 'EdDSA', 'RS256'])(
    'PK-1b: %s',
    async (algorithm) => {
      const authenticator = createAuthenticator({ origin: ORIGIN, algorithm });
      const passkey = await enroll(authenticator);
      const dice = createDice(algorithm.length * 7_919);
      const names = ['id', 'clientDataJSON', 'authenticatorData', 'signature'] as const;
      const accepted: string[] = [];
      const ceremony = startCeremony(deps, { purpose: 'sign-in', boundTo: null });
      let right = authenticator.get(requestOptions(deps, ceremony));
      let tried = 0;
      while (tried < MUTATIONS / 3) {
        if (tried % 50 === 0) right = authenticator.get(requestOptions(deps, ceremony));
        const name = names[dice(names.length)] ?? 'id';
        const wrong = mutated<AssertionInput>(right, name, dice);
        if (!wrong) continue;
        tried += 1;
        try {
          const read = readAssertion(wrong);
          // The id finds the passkey: another id is another passkey, or none.
          if (!read.credentialId.equals(passkey.credentialId)) continue;
          await verifyAssertion(deps, ceremony, passkey, read);
          accepted.push(`${name}: ${wrong[name]} for ${right[name]}`);
        } catch (error) {
          if (!(error instanceof InvalidPasskeyError)) throw error;
        }
      }
      expect(accepted).toEqual([]);
    },
    120_000,
  );
});

test('a broken attestation is refused with InvalidPasskeyError, and never with a fault', async () => {
  const dice = createDice(31_337);
  const names = ['id', 'clientDataJSON', 'attestationObject'] as const;
  const authenticator = createAuthenticator({ origin: ORIGIN });
  const ceremony = startCeremony(deps, { purpose: 'enrollment', boundTo: 'session' });
  const options = creationOptions(deps, ceremony, { user, userHandle, own: [] });
  const right = authenticator.create(options);
  for (let tried = 0; tried < MUTATIONS / 5; tried += 1) {
    const name = names[dice(names.length)] ?? 'id';
    const wrong = mutated<AttestationInput>(right, name, dice) ?? right;
    const outcome = await verifyAttestation(deps, ceremony, wrong).catch((error: unknown) => error);
    // Nothing signs an attestation without a statement, so that some altered ones are well-formed.
    const isWellFormed = !(outcome instanceof Error);
    const isKnown = isWellFormed || outcome instanceof InvalidPasskeyError;
    expect(isKnown, `${name}: ${wrong[name]} ${outcome}`).toBe(true);
    if (wrong !== right && name === 'id') expect(isWellFormed).toBe(false);
  }
});

test('an attestation object that was cut off anywhere is refused', async () => {
  const authenticator = createAuthenticator({ origin: ORIGIN });
  const ceremony = startCeremony(deps, { purpose: 'enrollment', boundTo: 'session' });
  const options = creationOptions(deps, ceremony, { user, userHandle, own: [] });
  const right = authenticator.create(options);
  const bytes = Buffer.from(right.attestationObject, 'base64url');
  for (let length = 1; length < bytes.length; length += 1) {
    const attestationObject = bytes.subarray(0, length).toString('base64url');
    await expect(
      verifyAttestation(deps, ceremony, { ...right, attestationObject }),
    ).rejects.toBeInstanceOf(InvalidPasskeyError);
  }
});
