import * as z from 'zod';
import type { Keyring } from '../kernel/keyring.ts';
import { type MailMessage, mailMessage } from './messages.ts';

/** Seals a mail's values for its row, so that a dump of the table holds no link and no code (DR-1). */
export function sealMessage(keyring: Keyring, rowId: string, message: MailMessage): Buffer {
  const values = JSON.stringify(z.encode(mailMessage, message));
  return keyring.seal(Buffer.from(values), context(rowId));
}

/**
 * Opens a sealed mail.
 *
 * @throws UnsealError if none of the configured secrets opens it
 * @throws ZodError if this release does not know its template
 */
export function openMessage(keyring: Keyring, rowId: string, sealed: Uint8Array): MailMessage {
  const values: unknown = JSON.parse(keyring.open(sealed, context(rowId)).toString());
  return z.decode(mailMessage, values as z.input<typeof mailMessage>);
}

function context(rowId: string): string {
  return `mail/${rowId}`;
}
