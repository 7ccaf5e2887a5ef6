import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import { readBase64url, toBase64url } from './base64url.ts';
import { InvalidPasskeyError } from './errors.ts';

/** The longest time between the start of a ceremony and its completion (PK-1a). */
export const CEREMONY_LIFETIME = 10 * MINUTE;

const PREFIX = 'lkw_';
const CONTEXT = 'passkey-ceremony';

/** What a ceremony proves. A ceremony of one purpose is worthless for another (PK-1a). */
export type CeremonyPurpose = 'sign-in' | 'second-factor' | 'reauthentication' | 'enrollment';

/** A started ceremony, as its token holds it. */
export type Ceremony = {
  /** A UUIDv7. Presenting the token spends this id. */
  readonly id: string;
  readonly purpose: CeremonyPurpose;
  /** 32 random bytes in base64url: the authenticator signs them. */
  readonly challenge: string;
  /** The session or the MFA challenge that the ceremony belongs to; null for a sign-in. */
  readonly boundTo: string | null;
  /** The user handle that an enrollment offers to the authenticator, in base64url; null otherwise. */
  readonly userHandle: string | null;
  readonly expiresAt: Date;
};

/** A ceremony and the token that only the browser that started it has. */
export type StartedCeremony = Ceremony & { readonly ceremonyToken: string };

const sealed = z.object({
  id: z.string(),
  purpose: z.enum(['sign-in', 'second-factor', 'reauthentication', 'enrollment']),
  challenge: z.string(),
  boundTo: z.string().nullable(),
  userHandle: z.string().nullable(),
  expiresAt: z.coerce.date(),
});

/**
 * Starts a ceremony. Nothing is stored, so that strangers cannot fill a table: the token holds everything,
 * sealed. The challenge is fresh for each ceremony (L3 13.4.3).
 *
 * @param about.expiresAt an earlier end than the longest one, such as that of the MFA challenge
 */
export function startCeremony(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  about: {
    readonly purpose: CeremonyPurpose;
    readonly boundTo: string | null;
    readonly userHandle?: Uint8Array;
    readonly expiresAt?: Date;
  },
): StartedCeremony {
  const latest = after(deps.clock.now(), CEREMONY_LIFETIME);
  const ceremony: Ceremony = {
    id: newId(deps),
    purpose: about.purpose,
    challenge: toBase64url(deps.random.bytes(32)),
    boundTo: about.boundTo,
    userHandle: about.userHandle ? toBase64url(about.userHandle) : null,
    expiresAt: about.expiresAt && about.expiresAt < latest ? about.expiresAt : latest,
  };
  const token = deps.keyring.seal(Buffer.from(JSON.stringify(ceremony)), CONTEXT);
  return { ...ceremony, ceremonyToken: PREFIX + toBase64url(token) };
}

/**
 * Opens the token of a ceremony. The caller then spends its id, before anything else is looked at.
 *
 * @throws InvalidPasskeyError if the token is not from here, is late, or belongs to another purpose, session
 *   or MFA challenge
 */
export function openCeremony(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  token: string,
  wanted: Pick<Ceremony, 'purpose' | 'boundTo'>,
): Ceremony {
  const ceremony = unseal(deps, token);
  if (!ceremony) throw new InvalidPasskeyError('unknown-ceremony');
  if (ceremony.purpose !== wanted.purpose) throw new InvalidPasskeyError('other-purpose');
  if (ceremony.boundTo !== wanted.boundTo) throw new InvalidPasskeyError('other-binding');
  if (ceremony.expiresAt <= deps.clock.now()) throw new InvalidPasskeyError('ceremony-expired');
  return ceremony;
}

function unseal({ keyring }: Pick<Deps, 'keyring'>, token: string): Ceremony | null {
  const bytes = token.startsWith(PREFIX) ? readBase64url(token.slice(PREFIX.length)) : null;
  if (!bytes) return null;
  try {
    return sealed.parse(JSON.parse(keyring.open(bytes, CONTEXT).toString()));
  } catch {
    // Another key, other bytes, or a token of another release: none is a ceremony of this server.
    return null;
  }
}
