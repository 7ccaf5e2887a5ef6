import { domainToASCII } from 'node:url';
import { hasUnseenCharacters } from './unicode.ts';

const MAX_ADDRESS_BYTES = 254;
const MAX_LOCAL_BYTES = 64;

/**
 * RFC 5321 dot-atom, with the letters, marks and digits that RFC 6531 adds. Deliberately excluded are white
 * space, control and invisible format characters, and each of `" ( ) , : ; < > @ [ \ ]`, which a mail library
 * or server may read as a second recipient, a comment or a header. Invisible letters and marks, such as U+3164
 * and U+FE0F, are rejected before.
 */
const LOCAL_PART =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/** Excludes every character with a meaning in the URL parser behind domainToASCII: `% / ? # @ : [ \`. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** At least two labels, the last of which is not a number: neither `localhost` nor `127.1`. */
const ASCII_DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?![0-9]+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The one form of an email address that is compared, stored and mailed (LG-7): NFKC, then checked, lower case,
 * domain in punycode. Normalization comes first, because a full-width `＠` or `，` only becomes the ASCII
 * character in NFKC (GHSA-7rqj-j65f-68wh, CVE-2022-35924).
 *
 * The local part is lower-cased too. RFC 5321 lets a server distinguish `Bob` from `bob`, but no notable server
 * does, and two accounts for what people regard as one mailbox get confused. Mail is sent only to this form,
 * never to the typed text, so a look-alike cannot redirect it.
 *
 * @returns null for anything that is not exactly one such address
 */
export function canonicalEmail(text: string): string | null {
  // Before any work, because NFKC can turn one character into 18.
  if (text.length > MAX_ADDRESS_BYTES) return null;
  const folded = fold(text);
  // Two addresses that look the same would be two accounts that one person takes for one.
  if (hasUnseenCharacters(folded)) return null;
  const [local, domain, ...rest] = folded.split('@');
  if (!local || !domain || rest.length > 0) return null;
  if (!LOCAL_PART.test(local) || Buffer.byteLength(local) > MAX_LOCAL_BYTES) return null;
  if (!DOMAIN.test(domain)) return null;
  const ascii = domainToASCII(domain);
  if (!ASCII_DOMAIN.test(ascii)) return null;
  const address = `${local}@${ascii}`;
  return Buffer.byteLength(address) > MAX_ADDRESS_BYTES ? null : address;
}

/**
 * The beginning of an address as addresses are stored, to search for it. A domain outside ASCII is stored in punycode, of
 * which a part says nothing, so only a whole one is found.
 */
export function canonicalEmailPrefix(text: string): string {
  const [local = '', domain, ...rest] = fold(text).split('@');
  if (domain === undefined || rest.length > 0) return fold(text);
  return `${local}@${/^[a-z0-9.-]*$/.test(domain) ? domain : domainToASCII(domain) || domain}`;
}

/** Lower-casing can leave NFKC: `J̌` has no single character, `ǰ` has. A canonical form must be stable. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}
