import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { Deps } from '../../deps.ts';
import { after, HOUR } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { codeMacs, randomCode } from './code.ts';
import { PURPOSES, type Purpose } from './purpose.ts';
import { replaceOneTimeToken } from './store.ts';

/** The secrets that are only in the mail. */
export type IssuedProof = {
  /** The token of the link: 256 random bits, base64url. */
  readonly token: string;
  /** 8 digits, typed together with the address. */
  readonly code: string;
  readonly expiresAt: Date;
  readonly codeExpiresAt: Date;
};

const ATTEMPT_BUDGET_LIFETIME = HOUR;

/** The purpose, address and subject of a proof. */
type About = {
  readonly purpose: Purpose;
  readonly email: string;
  readonly userId?: string | null;
  readonly subject?: string | null;
  readonly credentialVersion?: number | null;
  /** The change that it undoes: a row of the ledger. */
  readonly changeId?: string | null;
  /** The origin of the request, shown by the page that the link opens. Null if no client requested it. */
  readonly from: Pick<Client, 'ipAddress' | 'userAgent'> | null;
  /** Another expiry of the link than that of its purpose. */
  readonly expiresAt?: Date;
};

/** A proof that is not written yet. */
type NewProof = IssuedProof & { readonly row: OneTimeToken };

/**
 * Creates a mail proof in the caller's transaction. An older proof about the same subject becomes invalid
 * (PR-1).
 */
export async function issueOneTimeToken(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  executor: Executor,
  about: About,
): Promise<IssuedProof> {
  const proof = newProof(deps, about);
  await run(executor, replaceOneTimeToken(proof.row));
  return proof;
}

/** Draws a proof for a caller who writes its row (replaceOneTimeToken) together with others. */
export function newProof(deps: Pick<Deps, 'clock' | 'random' | 'keyring'>, about: About): NewProof {
  const now = deps.clock.now();
  const id = newId(deps);
  const token = deps.random.bytes(32).toString('base64url');
  const code = randomCode(deps.random);
  const { purpose, email } = about;
  const [codeMac] = codeMacs(deps.keyring, { id, purpose, email, code });
  const expiresAt = about.expiresAt ?? after(now, PURPOSES[purpose].link);
  const codeLifetime = after(now, PURPOSES[purpose].code);
  const codeExpiresAt = codeLifetime < expiresAt ? codeLifetime : expiresAt;
  const row: OneTimeToken = {
    id,
    purpose,
    email,
    userId: about.userId ?? null,
    subject: about.subject ?? null,
    credentialVersion: about.credentialVersion ?? null,
    changeId: about.changeId ?? null,
    ipAddress: about.from?.ipAddress ?? null,
    userAgent: about.from?.userAgent ?? null,
    codeHolder: null,
    tokenHash: sha256(token),
    codeMac,
    failedAttempts: 0,
    budgetResetsAt: after(now, ATTEMPT_BUDGET_LIFETIME),
    createdAt: now,
    expiresAt,
    codeExpiresAt,
    usedAt: null,
  };
  return { row, token, code, expiresAt, codeExpiresAt };
}
