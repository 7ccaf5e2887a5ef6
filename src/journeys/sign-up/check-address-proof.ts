import { run } from '../../db/executor.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import type { PresentedProof } from '../../kernel/proof.ts';
import { sha256 } from '../../kernel/secret.ts';
import {
  type CheckedProof,
  checkAddressCode,
  checkOneTimeToken,
} from '../../proofs/one-time-token/redeem.ts';
import { mailProofLimits, registrationCodeLimits } from '../../rate-limit/limits.ts';
import { findRegistration } from '../../registration/store.ts';
import { isRegistrationToken, readAccountToken } from '../../registration/token.ts';
import { findUserById } from '../../user/store.ts';

/**
 * A mailed proof of an address, with the registration token and the session that the browser sent along, if
 * any.
 */
export type PresentedAddressProof = {
  readonly proof: PresentedProof;
  readonly registrationToken: string | null;
  readonly viewer: Authentication | null;
};

/** A valid, unused proof of an address, with the registration or account whose token was sent along. */
export type CheckedAddressProof = {
  readonly proof: CheckedProof;
  /** The pending registration of this address whose token was sent along, if any. */
  readonly registration: Registration | null;
  /**
   * The account whose token was sent along, if any. Null if its credentials have changed since the token was
   * issued.
   */
  readonly tokenAccount: User | null;
};

type CheckDeps = Pick<Deps, 'config' | 'db' | 'clock' | 'keyring' | 'rateLimiter'>;

/**
 * Verifies the proof of an address. A link works in every browser.
 *
 * A code can be guessed. So it works only together with the token or session of the person to whom it was
 * mailed. Wrong codes of that person count only toward their registration or account, so that nobody else can
 * exhaust their attempts. Wrong codes of everybody else count only toward the source of the request (PR-11).
 *
 * @throws InvalidTokenError, RateLimitedError
 */
export async function checkAddressProof(
  deps: CheckDeps,
  presented: PresentedAddressProof,
  client: Client,
  signal: AbortSignal,
): Promise<CheckedAddressProof> {
  const { proof } = presented;
  const { registration, tokenAccount } = await findTokenOwner(deps, presented.registrationToken);
  if ('token' in proof) {
    const checked = await deps.rateLimiter.attempt(
      mailProofLimits(deps.config, client),
      { client, signal },
      () => orInvalid(checkOneTimeToken(deps, 'verify-email', proof)),
    );
    return { proof: checked, tokenAccount, ...pendingRegistration(checked.email, registration) };
  }
  const { email, code } = proof.code;
  const accounts = [tokenAccount, presented.viewer?.user ?? null];
  const holder = holderOf(email, { registration, accounts });
  const limits =
    holder === null
      ? mailProofLimits(deps.config, client)
      : registrationCodeLimits(deps.config, holder);
  const checked = await deps.rateLimiter.attempt(limits, { client, signal }, () =>
    orInvalid(holder === null ? null : checkAddressCode(deps, { email, code, holder })),
  );
  return { proof: checked, tokenAccount, ...pendingRegistration(email, registration) };
}

/**
 * Finds the registration or account of a token. A token for another purpose is treated like a missing one.
 */
async function findTokenOwner(deps: CheckDeps, token: string | null) {
  const now = deps.clock.now();
  const registration = isRegistrationToken(token)
    ? await run(deps.db, findRegistration({ tokenHash: sha256(token), now }))
    : null;
  const named = readAccountToken(deps, token);
  const user = named && (await run(deps.db, findUserById(named.userId)));
  const tokenAccount = user?.credentialVersion === named?.credentialVersion ? user : null;
  return { registration, tokenAccount };
}

/**
 * The id of the registration or account that the code must belong to. A finished registration is included:
 * its wrong codes are answered and counted as before, so that nobody learns whether the address has got an
 * account (LG-4).
 */
function holderOf(
  email: string,
  candidates: {
    readonly registration: Registration | null;
    readonly accounts: readonly (User | null)[];
  },
): string | null {
  const { registration, accounts } = candidates;
  if (registration && (registration.email ?? email) === email) return registration.id;
  return accounts.find((account) => account?.email === email)?.id ?? null;
}

function pendingRegistration(email: string, registration: Registration | null) {
  const waits = registration?.email === email && registration.endedAt === null;
  return { registration: waits ? registration : null };
}

async function orInvalid<T>(checking: T | null | Promise<T | null>): Promise<T> {
  const checked = await checking;
  if (!checked) throw new InvalidTokenError();
  return checked;
}
