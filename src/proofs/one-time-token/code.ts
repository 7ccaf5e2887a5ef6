import type { Keyring } from '../../kernel/keyring.ts';
import type { Random } from '../../kernel/ports.ts';
import { MAIL_CODE_DIGITS } from '../../kernel/proof.ts';
import { hmac } from '../../kernel/secret.ts';
import type { Purpose } from './purpose.ts';

const CODES = 10 ** MAIL_CODE_DIGITS;
const FAIR_BELOW = 2 ** 32 - (2 ** 32 % CODES);

/** A uniformly random code of 8 digits: draws above the last full range are discarded (EO-1). */
export function randomCode(random: Random): string {
  for (;;) {
    const drawn = random.bytes(4).readUInt32BE();
    if (drawn < FAIR_BELOW) return String(drawn % CODES).padStart(MAIL_CODE_DIGITS, '0');
  }
}

/**
 * Computes the MACs that are stored in place of a code: HMACs with a server key, bound to the row, the
 * purpose and the address. So a database dump reveals no code, and a code is valid only for its own row
 * (EO-3, EO-4).
 *
 * @returns one MAC for each root secret, newest first: store the first, accept any
 */
export function codeMacs(
  keyring: Keyring,
  code: {
    readonly id: string;
    readonly purpose: Purpose;
    readonly email: string;
    readonly code: string;
  },
): readonly [Buffer, ...Buffer[]] {
  const [newest, ...older] = keyring.keys('one-time-code');
  const mac = (key: Buffer) => hmac(key, code.purpose, code.email, code.id, code.code);
  return [mac(newest), ...older.map(mac)];
}
