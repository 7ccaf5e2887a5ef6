import type { OAuth2ProviderConfig } from '../../config.ts';
import { nameRule } from '../../graphql/inputs.ts';
import { canonicalEmail } from '../../kernel/email.ts';
import type { ProvenIdentity } from '../../kernel/identity-provider.ts';
import { OAuthFailedError } from './errors.ts';
import { isSubject } from './id-token.ts';
import { valueAt } from './json.ts';

/** A decimal number without leading zeros: the ids of GitHub, Discord, Facebook and X. */
const DECIMAL = /^[1-9]\d{0,19}$/;

/**
 * The person that a profile describes. The provider's fixed issuer and its immutable id identify the person, never
 * a login, a user name or an address, which can change hands (O2-1).
 *
 * @param emails the content of the provider's list of addresses; null if it has none, or shows none
 * @throws OAuthFailedError
 */
export function identityFromProfile(
  provider: Pick<OAuth2ProviderConfig, 'issuer' | 'profile' | 'emails'>,
  profile: unknown,
  emails: unknown,
): ProvenIdentity {
  const { issuer } = provider;
  const { name } = provider.profile;
  return {
    issuer,
    subject: subjectOf(provider.profile, profile),
    ...(provider.emails ? listed(provider.emails, emails) : stated(provider.profile, profile)),
    isRelayed: false,
    name: (name !== undefined && nameRule.safeParse(valueAt(profile, name)).data) || null,
    authenticatedAt: null,
  };
}

type Address = Pick<ProvenIdentity, 'email' | 'emailVerified'>;

/** The address of the profile. Only the provider's own boolean about it proves it (O2-2). */
function stated(
  { email, emailVerified }: OAuth2ProviderConfig['profile'],
  profile: unknown,
): Address {
  const address = email === undefined ? null : addressFrom(valueAt(profile, email));
  const isProven = emailVerified !== undefined && valueAt(profile, emailVerified) === true;
  return { email: address, emailVerified: address !== null && isProven };
}

/**
 * The entry for which every required boolean is true. The first entry may be anyone's choice, and GitHub's primary
 * address may be unverified (O2-2). Two such entries are not a documented answer, so neither is used.
 */
function listed(
  { email, verified }: NonNullable<OAuth2ProviderConfig['emails']>,
  emails: unknown,
): Address {
  const entries = Array.isArray(emails) ? emails : [];
  const proven = entries.filter((entry) => verified.every((one) => valueAt(entry, one) === true));
  const address = proven.length === 1 ? addressFrom(valueAt(proven[0], email)) : null;
  return { email: address, emailVerified: address !== null };
}

function addressFrom(value: unknown): string | null {
  return typeof value === 'string' ? canonicalEmail(value) : null;
}

/** An id as text. Beyond 2^53, JSON numbers lose digits, and two people would have one id. */
function subjectOf(
  { subject, subjectIsDecimal }: OAuth2ProviderConfig['profile'],
  profile: unknown,
): string {
  const id = valueAt(profile, subject);
  const text = typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? String(id) : id;
  const isValid = typeof text === 'string' && isSubject(text) && text !== '0';
  if (isValid && (!subjectIsDecimal || DECIMAL.test(text))) return text;
  throw new OAuthFailedError('answer-refused', 'SUBJECT');
}
