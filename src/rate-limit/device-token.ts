import type { Deps } from '../deps.ts';
import { after, DAY, SECOND } from '../kernel/duration.ts';
import { equal, hmac } from '../kernel/secret.ts';

const PREFIX = 'lkd_';
const ID_BYTES = 16;
const EXPIRY_BYTES = 4;
const TAG_BYTES = 16;
const TOKEN = /^lkd_[A-Za-z0-9_-]{48}$/;

/** How long a device is known after its last sign-in. */
const DEVICE_TOKEN_LIFETIME = 180 * DAY;

/**
 * Makes the token by which a device shows later that it signed in to this address before: the id of its
 * session and an expiry, under an HMAC that also covers the address (OWASP device cookies). The token proves
 * nothing else and opens nothing. It only grants a limit for wrong passwords that strangers cannot use up
 * (RL-3), so it outlives a changed password and needs no row; only an undo voids it (PR-12). One session is
 * one device, however often the token is requested: many tokens would be many limits (RL-2).
 */
export function mintDeviceToken(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  email: string,
  sessionId: string,
): { readonly token: string; readonly expiresAt: Date } {
  const expiresAt = after(deps.clock.now(), DEVICE_TOKEN_LIFETIME);
  const body = Buffer.alloc(ID_BYTES + EXPIRY_BYTES);
  body.write(sessionId.replaceAll('-', ''), 'hex');
  body.writeUInt32BE(Math.floor(expiresAt.getTime() / SECOND), ID_BYTES);
  const [key] = deps.keyring.keys('device-token');
  const bytes = Buffer.concat([body, tagOf(key, email, body)]);
  return { token: PREFIX + bytes.toString('base64url'), expiresAt };
}

/** A device that signed in before. Only its account knows whether an undo has voided the token since. */
export type Device = { readonly id: string; readonly issuedAt: Date };

/** @returns the device; null for a token that is forged, expired, or of another address */
export function readDeviceToken(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  email: string,
  token: string | null,
): Device | null {
  if (token === null || !TOKEN.test(token)) return null;
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
  const body = bytes.subarray(0, ID_BYTES + EXPIRY_BYTES);
  const tag = bytes.subarray(ID_BYTES + EXPIRY_BYTES);
  const genuine = deps.keyring
    .keys('device-token')
    .some((key) => equal(tagOf(key, email, body), tag));
  const expiresAt = new Date(body.readUInt32BE(ID_BYTES) * SECOND);
  if (!genuine || expiresAt <= deps.clock.now()) return null;
  const id = body.toString('hex', 0, ID_BYTES);
  return { id, issuedAt: after(expiresAt, -DEVICE_TOKEN_LIFETIME) };
}

function tagOf(key: Uint8Array, email: string, body: Uint8Array): Buffer {
  return hmac(key, email, body).subarray(0, TAG_BYTES);
}
