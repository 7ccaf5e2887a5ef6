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

/** The proof from a mail, and what may come with it: the token of a registration, or a session. */
export type Presented = {
  readonly proof: PresentedProof;
  readonly registrationToken: string | null;
  readonly viewer: Authentication | null;
};

/** A valid proof of an address that has not been used yet, and who presented it. */
export type Checked = {
  readonly proof: CheckedProof;
  /** A pending registration of this address, if its token came with the proof. */
  readonly registration: Registration | null;
  /** The account whose token came with the proof, with its current credentials. */
  readonly claim: User | null;
};

type CheckDeps = Pick<Deps, 'config' | 'db' | 'clock' | 'keyring' | 'rateLimiter'>;

/**
 * Verifies the proof of an address. A link works in every browser. A code can be guessed, so it works only for
 * the person it was mailed to, with their token or session. Their wrong codes count toward that registration or
 * account alone, so that nobody can exhaust another one's attempts. Everybody else's wrong codes count toward
 * their source alone (PR-11).
 *
 * @throws InvalidTokenError, RateLimitedError
 */
export async function checkAddressProof(
  deps: CheckDeps,
  presented: Presented,
  client: Client,
  signal: AbortSignal,
): Promise<Checked> {
  const { proof } = presented;
  const { registration, claim } = await bearer(deps, presented.registrationToken);
  if ('token' in proof) {
    const checked = await deps.rateLimiter.attempt(
      mailProofLimits(deps.config, client),
      { client, signal },
      () => orInvalid(checkOneTimeToken(deps, 'verify-email', proof)),
    );
    return { proof: checked, claim, ...waitingFor(checked.email, registration) };
  }
  const { email, code } = proof.code;
  const accounts = [claim, presented.viewer?.user ?? null];
  const holder = holderOf(email, { registration, accounts });
  const limits =
    holder === null
      ? mailProofLimits(deps.config, client)
      : registrationCodeLimits(deps.config, holder);
  const checked = await deps.rateLimiter.attempt(limits, { client, signal }, () =>
    orInvalid(holder === null ? null : checkAddressCode(deps, { email, code, holder })),
  );
  return { proof: checked, claim, ...waitingFor(email, registration) };
}

/** The owner of the token. A token of another purpose is treated like a missing one. */
async function bearer(deps: CheckDeps, token: string | null) {
  const now = deps.clock.now();
  const registration = isRegistrationToken(token)
    ? await run(deps.db, findRegistration({ tokenHash: sha256(token), now }))
    : null;
  const named = readAccountToken(deps, token);
  const user = named && (await run(deps.db, findUserById(named.userId)));
  const claim = user?.credentialVersion === named?.credentialVersion ? user : null;
  return { registration, claim };
}

/**
 * The holder that a code is checked for. A registration that has ended is a holder too: wrong codes for it are
 * answered and counted as before, whether or not the address has an account (LG-4).
 */
function holderOf(
  email: string,
  came: {
    readonly registration: Registration | null;
    readonly accounts: readonly (User | null)[];
  },
): string | null {
  const { registration, accounts } = came;
  if (registration && (registration.email ?? email) === email) return registration.id;
  return accounts.find((account) => account?.email === email)?.id ?? null;
}

function waitingFor(email: string, registration: Registration | null) {
  const waits = registration?.email === email && registration.endedAt === null;
  return { registration: waits ? registration : null };
}

async function orInvalid<T>(checking: T | null | Promise<T | null>): Promise<T> {
  const checked = await checking;
  if (!checked) throw new InvalidTokenError();
  return checked;
}
