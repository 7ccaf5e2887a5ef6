import type { Config } from '../../config.ts';
import { InvalidPasskeyError } from './errors.ts';

/** What the browser must have put into the client data that it had signed. */
export type ExpectedClientData = {
  readonly type: 'webauthn.create' | 'webauthn.get';
  /** The challenge of the ceremony, in base64url. */
  readonly challenge: string;
};

/**
 * Checks the client data (L3 7.1 and 7.2). The library accepts `crossOrigin` in a registration, so these rules
 * are checked here for both ceremonies:
 * - The challenge is the one inside the signed JSON, never one that the body states beside it (PK-1b).
 * - The origin equals one of PASSKEY_ORIGINS, character by character (PK-2a).
 * - The page is not embedded in another one: `crossOrigin` is false or absent, `topOrigin` is absent (PK-2a).
 *
 * @throws InvalidPasskeyError
 */
export function checkClientData(
  { config }: { readonly config: Pick<Config, 'passkeys'> },
  bytes: Buffer,
  expected: ExpectedClientData,
): void {
  const data = readObject(bytes);
  if (!data) throw new InvalidPasskeyError('malformed');
  if (data['type'] !== expected.type) throw new InvalidPasskeyError('other-type');
  if (data['challenge'] !== expected.challenge) throw new InvalidPasskeyError('other-challenge');
  const { origin, crossOrigin = false, topOrigin } = data;
  if (typeof origin !== 'string' || !config.passkeys.origins.includes(origin)) {
    throw new InvalidPasskeyError('other-origin');
  }
  if (crossOrigin !== false || topOrigin !== undefined) {
    throw new InvalidPasskeyError('cross-origin');
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readObject(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : null;
  } catch {
    return null;
  }
}
