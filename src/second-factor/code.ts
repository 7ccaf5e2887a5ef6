import { MAIL_CODE_DIGITS } from '../kernel/proof.ts';
import { readDigits } from '../kernel/unicode.ts';
import type { BackupCodeText } from '../proofs/backup-code/code.ts';
import { readBackupCode } from '../proofs/backup-code/code.ts';
import { readTotpCode } from '../proofs/totp/otp.ts';

/** A code in the format of its method. Any other text is refused without counting an attempt (TO-9). */
export type FactorCode =
  | { readonly method: 'TOTP'; readonly code: string }
  | { readonly method: 'EMAIL'; readonly code: string }
  | { readonly method: 'BACKUP_CODE'; readonly code: BackupCodeText };

/** @returns null if the text does not have the format of that method's codes */
export function readFactorCode(method: string, text: string): FactorCode | null {
  if (method === 'TOTP') {
    const code = readTotpCode(text);
    return code === null ? null : { method, code };
  }
  if (method === 'EMAIL') {
    const code = readDigits(text, MAIL_CODE_DIGITS);
    return code === null ? null : { method, code };
  }
  if (method === 'BACKUP_CODE') {
    const code = readBackupCode(text);
    return code === null ? null : { method, code };
  }
  return null;
}
