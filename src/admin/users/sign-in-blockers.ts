import type { Config } from '../../config.ts';
import { run } from '../../db/executor.ts';
import type { Identity } from '../../db/tables/identity.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { isConfigured } from '../../identity/provider-of.ts';
import {
  type EnrolledFactors,
  offeredMethods,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { countersOfAccount, selectCounters } from '../../rate-limit/counters.ts';
import { RULES } from '../../rate-limit/rules.ts';

/** Why a person cannot sign in, in the order in which a sign-in would meet it. */
export const BLOCKER_KINDS = {
  DISABLED: 'An administrator or an operator has disabled the account.',
  RATE_LIMITED:
    'Too many attempts to sign in to the account. `until` says when the next one is allowed. A device that signed in before may still get in.',
  NO_WAY_IN:
    'The account has no password, no linked account of a configured provider and no passkey that this server accepts, and sign-in by mail is off. The person can set a password with `requestPasswordReset`.',
  EMAIL_NOT_VERIFIED:
    'EMAIL_VERIFICATION is `required` and nobody has proven the address. A sign-in mails a new proof.',
  NO_SECOND_FACTOR_LEFT:
    'The account requires a second factor that the person cannot prove, whichever way they sign in. For example, its only factor is a code by mail, and the mailbox has also set the password.',
  SECOND_FACTOR_ENROLLMENT_DUE:
    'MFA_REQUIRED is on and the person has no second factor. They get a session that can only set one up.',
} as const;

/** One reason why a person cannot sign in. */
export type SignInBlocker = {
  readonly kind: keyof typeof BLOCKER_KINDS;
  /** When it ends by itself; null if it does not. */
  readonly until: Date | null;
};

/** What a person can sign in with. */
export type WaysIn = {
  readonly factors: EnrolledFactors;
  readonly identities: readonly Identity[];
};

type BlockerConfig = Pick<
  Config,
  'emailVerification' | 'emailSignIn' | 'mfaRequired' | 'passkeys' | 'oauth'
>;

/** Says why a person cannot sign in now. */
export async function signInBlockers(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config'>,
  user: User,
  ways: WaysIn,
): Promise<readonly SignInBlocker[]> {
  const until = await limitedUntil(deps, user);
  const limited = until ? [{ kind: 'RATE_LIMITED', until } as const] : [];
  const lasting = lastingBlockers(deps.config, user, ways).map((kind) => ({ kind, until: null }));
  return [...limited, ...lasting];
}

/** The reasons that only a change of the account or of the settings ends. */
export function lastingBlockers(
  config: BlockerConfig,
  user: User,
  ways: WaysIn,
): readonly SignInBlocker['kind'][] {
  const firstFactors = usableFirstFactors(config, user, ways);
  // A passkey proves both factors at once.
  const hasPasskey = config.passkeys.enabled && ways.factors.hasPasskeys;
  const isSecured = requiresSecondFactor(ways.factors);
  const canProve = firstFactors.some(
    (factor) => offeredMethods(config, ways.factors, [factor], user).length > 0,
  );
  const kinds: Readonly<Record<Exclude<SignInBlocker['kind'], 'RATE_LIMITED'>, boolean>> = {
    DISABLED: user.disabledAt !== null,
    NO_WAY_IN: firstFactors.length === 0 && !hasPasskey,
    EMAIL_NOT_VERIFIED: config.emailVerification === 'required' && user.emailVerifiedAt === null,
    NO_SECOND_FACTOR_LEFT: isSecured && firstFactors.length > 0 && !canProve && !hasPasskey,
    SECOND_FACTOR_ENROLLMENT_DUE: config.mfaRequired && !isSecured && !hasPasskey,
  };
  return Object.entries(kinds).flatMap(([kind, applies]) =>
    applies ? [kind as keyof typeof kinds] : [],
  );
}

/** The first factors of this person, as challenges name them. */
function usableFirstFactors(config: BlockerConfig, user: User, ways: WaysIn): readonly string[] {
  const isLinked = ways.identities.some(({ issuer }) => isConfigured(config, issuer));
  return [
    ...(user.passwordHash === null ? [] : ['pwd']),
    ...(isLinked ? ['oauth'] : []),
    ...(config.emailSignIn.mode === 'off' ? [] : ['email']),
  ];
}

/** The limits that refuse a sign-in to an account, whoever has used them up. */
const SIGN_IN_RULES: ReadonlySet<string> = new Set([
  RULES.signInAccount.name,
  RULES.signInsAccount.name,
]);

async function limitedUntil(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config'>,
  { id, email }: User,
): Promise<Date | null> {
  const possible = countersOfAccount(deps.config, { email, userId: id, sessionIds: [] });
  const counted = possible.filter(({ limit }) => SIGN_IN_RULES.has(limit.rule.name));
  const counters = await run(deps.db, selectCounters(deps, counted));
  const closed = counters.flatMap(({ closedUntil }) => closedUntil ?? []);
  return closed.reduce<Date | null>((last, one) => (last && last > one ? last : one), null);
}
