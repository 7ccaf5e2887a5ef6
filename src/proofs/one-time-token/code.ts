import type { Keyring } from '../../kernel/keyring.ts';
import type { Random } from '../../kernel/ports.ts';
import { MAIL_CODE_DIGITS } from '../../kernel/proof.ts';
import { hmac } from '../../kernel/secret.ts';
import type { Purpose } from './purpose.ts';

const CODES = 10 ** MAIL_CODE_DIGITS;
const FAIR_BELOW = 2 ** 32 - (2 ** 32 % CODES);

/** An 8-digit code, each as likely as any other: draws above the last full range are thrown away (EO-1). */
export function randomCode(random: Random): string {
  for (;;) {
    const drawn = random.bytes(4).readUInt32BE();
    if (drawn < FAIR_BELOW) return String(drawn % CODES).padStart(MAIL_CODE_DIGITS, '0');
  }
}

/**
 * What is stored in a code's place: an HMAC under a server key, bound to its row, purpose and
 * address, so that a dump gives no code away and a code fits nowhere else (EO-3, EO-4).
 *
 * @returns one MAC a root secret, newest first: store the first, accept any
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
