import type { Deps } from '../deps.ts';
import { after, DAY, SECOND } from '../kernel/duration.ts';
import { equal, hmac } from '../kernel/secret.ts';

const PREFIX = 'lkg_';
const ACCOUNT_PREFIX = 'lkv_';
const ACCOUNT_TOKEN = /^lkv_[A-Za-z0-9_-]{54}$/;
const ID_BYTES = 16;
const NUMBER_BYTES = 4;
const BODY_BYTES = ID_BYTES + 2 * NUMBER_BYTES;
const TAG_BYTES = 16;

/** How long a registration stays pending, and how long a token of either kind is valid. */
export const REGISTRATION_LIFETIME = 7 * DAY;

/**
 * The secret of the browser that registered (PR-11). It is not a session and proves nothing by itself: it shows
 * that a mail's proof and a chosen password come from the same browser.
 */
export function newRegistrationToken({ random }: Pick<Deps, 'random'>): string {
  return PREFIX + random.bytes(32).toString('base64url');
}

/**
 * True for a token that `register` may have issued. A token of another purpose is treated like a missing one.
 */
export function isRegistrationToken(token: string | null): token is string {
  return token?.startsWith(PREFIX) === true;
}

/** An account with an unverified address, as its token names it. */
export type UnprovenAccount = { readonly userId: string; readonly credentialVersion: number };

/**
 * The registration token of an account with an unverified address, for a person who has just proven one of its
 * factors (PR-11). It contains the version of the credentials, so it is invalid once they changed. It needs no
 * row: the code's attempts are counted by account, whichever token comes with them.
 */
export function mintAccountToken(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  { userId, credentialVersion }: UnprovenAccount,
): string {
  const body = Buffer.alloc(BODY_BYTES);
  body.write(userId.replaceAll('-', ''), 'hex');
  body.writeUInt32BE(credentialVersion, ID_BYTES);
  const expiresAt = after(deps.clock.now(), REGISTRATION_LIFETIME);
  body.writeUInt32BE(Math.floor(expiresAt.getTime() / SECOND), ID_BYTES + NUMBER_BYTES);
  const [key] = deps.keyring.keys('account-token');
  return ACCOUNT_PREFIX + Buffer.concat([body, tagOf(key, body)]).toString('base64url');
}

/** @returns null for a token that is forged, expired, or of another purpose */
export function readAccountToken(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  token: string | null,
): UnprovenAccount | null {
  if (token === null || !ACCOUNT_TOKEN.test(token)) return null;
  const bytes = Buffer.from(token.slice(ACCOUNT_PREFIX.length), 'base64url');
  const body = bytes.subarray(0, BODY_BYTES);
  const tag = bytes.subarray(BODY_BYTES);
  const isGenuine = deps.keyring.keys('account-token').some((key) => equal(tagOf(key, body), tag));
  const expiresAt = body.readUInt32BE(ID_BYTES + NUMBER_BYTES) * SECOND;
  if (!isGenuine || expiresAt <= deps.clock.now().getTime()) return null;
  const hex = body.toString('hex', 0, ID_BYTES);
  const userId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { userId, credentialVersion: body.readUInt32BE(ID_BYTES) };
}

function tagOf(key: Uint8Array, body: Uint8Array): Buffer {
  return hmac(key, body).subarray(0, TAG_BYTES);
}
