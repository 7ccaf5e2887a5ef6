import * as z from 'zod';
import type { Keyring } from '../kernel/keyring.ts';
import { type MailMessage, mailMessage } from './messages.ts';

/** Seals what a mail says to its row: a dump of the table holds no link and no code (DR-1). */
export function sealMessage(keyring: Keyring, rowId: string, message: MailMessage): Buffer {
  const values = JSON.stringify(z.encode(mailMessage, message));
  return keyring.seal(Buffer.from(values), context(rowId));
}

/**
 * @throws UnsealError when the configured secrets do not open it
 * @throws ZodError when this release does not know such a mail
 */
export function openMessage(keyring: Keyring, rowId: string, sealed: Uint8Array): MailMessage {
  const values: unknown = JSON.parse(keyring.open(sealed, context(rowId)).toString());
  return z.decode(mailMessage, values as z.input<typeof mailMessage>);
}

function context(rowId: string): string {
  return `mail/${rowId}`;
}
