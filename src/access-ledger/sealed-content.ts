import * as z from 'zod';
import type { Identity } from '../db/tables/identity.ts';
import type { Passkey, PasskeyFactor } from '../db/tables/passkey.ts';
import type { EmailFactor, TotpFactor } from '../db/tables/second-factor.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { openTotpSecret } from '../proofs/totp/sealed-secret.ts';

const moment = z.iso.datetime();

/** The kept content of a removed credential. The secret of an authenticator app and the bytes of a passkey are in base64. */
const content = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('identity'),
    id: z.string(),
    issuer: z.string(),
    subject: z.string(),
    email: z.string().nullable(),
    linkedAt: moment,
  }),
  z.object({
    kind: z.literal('totp'),
    id: z.string(),
    secret: z.string(),
    lastStep: z.int(),
    createdAt: moment,
    confirmedAt: moment,
  }),
  z.object({ kind: z.literal('email-factor'), confirmedAt: moment }),
  z.object({ kind: z.literal('passkey-factor'), confirmedAt: moment }),
  z.object({
    kind: z.literal('passkey'),
    id: z.string(),
    credentialId: z.string(),
    publicKey: z.string(),
    algorithm: z.int(),
    counter: z.int(),
    backupEligible: z.boolean(),
    backedUp: z.boolean(),
    aaguid: z.string().nullable(),
    transports: z.array(z.string()),
    name: z.string(),
    createdAt: moment,
    lastUsedAt: moment.nullable(),
    counterAlarmAt: moment.nullable(),
  }),
]);

/** A removed credential in the form in which it is restored. */
export type Content = z.output<typeof content>;

/** A removed passkey. */
type PasskeyContent = Extract<Content, { kind: 'passkey' }>;

/** The content to keep for a linked account. */
export function identityContent(identity: Identity): Content {
  const { id, issuer, subject, email, linkedAt } = identity;
  return { kind: 'identity', id, issuer, subject, email, linkedAt: linkedAt.toISOString() };
}

/** The content to keep for an authenticator app. Null if the app was never confirmed. */
export function totpContent(keyring: Keyring, factor: TotpFactor): Content | null {
  const { id, userId, sealedSecret, lastStep, createdAt, confirmedAt } = factor;
  return (
    confirmedAt && {
      kind: 'totp',
      id,
      secret: openTotpSecret(keyring, userId, sealedSecret).toString('base64'),
      lastStep,
      createdAt: createdAt.toISOString(),
      confirmedAt: confirmedAt.toISOString(),
    }
  );
}

/** The content to keep for mailed codes as a second factor. */
export function emailFactorContent({ confirmedAt }: EmailFactor): Content {
  return { kind: 'email-factor', confirmedAt: confirmedAt.toISOString() };
}

/** The content to keep for the choice that passkeys are a second factor. */
export function passkeyFactorContent({ confirmedAt }: PasskeyFactor): Content {
  return { kind: 'passkey-factor', confirmedAt: confirmedAt.toISOString() };
}

/** The content to keep for a passkey. */
export function passkeyContent({ userId: _, ...passkey }: Passkey): PasskeyContent {
  return {
    kind: 'passkey',
    ...passkey,
    credentialId: passkey.credentialId.toString('base64'),
    publicKey: passkey.publicKey.toString('base64'),
    createdAt: passkey.createdAt.toISOString(),
    lastUsedAt: passkey.lastUsedAt?.toISOString() ?? null,
    counterAlarmAt: passkey.counterAlarmAt?.toISOString() ?? null,
  };
}

/** The passkey of {@link passkeyContent}, as it was. */
export function passkeyOf({ kind: _, ...content }: PasskeyContent, userId: string): Passkey {
  const date = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...content,
    userId,
    credentialId: Buffer.from(content.credentialId, 'base64'),
    publicKey: Buffer.from(content.publicKey, 'base64'),
    createdAt: new Date(content.createdAt),
    lastUsedAt: date(content.lastUsedAt),
    counterAlarmAt: date(content.counterAlarmAt),
  };
}

/** Seals the content for the row of one removal. Copied to another row, it cannot be opened. */
export function sealContent(keyring: Keyring, removalId: string, value: Content): Buffer {
  return keyring.seal(Buffer.from(JSON.stringify(value)), contextOf(removalId));
}

/** @throws UnsealError if it was sealed for another row, or with a root secret that is no longer configured */
export function openContent(keyring: Keyring, removalId: string, sealed: Buffer): Content {
  return content.parse(JSON.parse(keyring.open(sealed, contextOf(removalId)).toString()));
}

/** Seals the content again with the newest root secret (CF-4). */
export function resealContent(keyring: Keyring, removalId: string, sealed: Buffer): Buffer {
  const context = contextOf(removalId);
  return keyring.seal(keyring.open(sealed, context), context);
}

function contextOf(removalId: string): string {
  return `removed-credential:${removalId}`;
}
