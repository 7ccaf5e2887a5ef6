import { argon2id, hash } from 'argon2';
import { DIGEST_BYTES, type Parameters } from './phc.ts';

/** The input of one derivation. `secret` is the pepper (PW-4). */
export type DerivationInput = {
  readonly password: Buffer;
  readonly salt: Buffer;
  readonly parameters: Parameters;
  readonly secret: Buffer | null;
};

/** One argon2id derivation, on a thread of libuv's pool. The only call of the argon2 package. */
export function derive(input: DerivationInput): Promise<Buffer> {
  return hash(input.password, {
    raw: true,
    type: argon2id,
    version: 0x13,
    salt: input.salt,
    hashLength: DIGEST_BYTES,
    memoryCost: input.parameters.memoryKib,
    timeCost: input.parameters.iterations,
    parallelism: 1,
    secret: input.secret ?? Buffer.alloc(0),
  });
}
