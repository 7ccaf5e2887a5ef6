import type { AccessKind } from '../access-ledger/kinds.ts';
import {
  type Content,
  emailFactorContent,
  passkeyFactorContent,
  totpContent,
} from '../access-ledger/sealed-content.ts';
import { map, type Statement } from '../db/statement.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { deleteEmailFactor } from '../proofs/second-factor/email-factor-store.ts';
import type { SecondFactorMethod } from '../proofs/second-factor/method.ts';
import { deletePasskeyFactor } from '../proofs/second-factor/passkey-factor-store.ts';
import { deleteTotpFactor } from '../proofs/totp/store.ts';

/** A removed factor, as the content with which an undo can restore it. */
type Removed = (keyring: Keyring) => Content | null;

type Factor = {
  /** The method that its proofs have. */
  readonly method: SecondFactorMethod;
  /** Its kind in the access ledger. */
  readonly kind: AccessKind;
  /** @returns null if the person does not have the factor */
  remove(userId: string): Statement<Removed | null>;
};

/**
 * Every second factor that a person can set up, under the name that mails and the audit log give it. Whoever
 * removes factors goes through this list, so that none of them misses a new one. Backup codes are not a factor:
 * they replace one.
 */
export const SECOND_FACTORS = {
  passkey: {
    method: 'PASSKEY',
    kind: 'passkey-factor',
    remove: (userId) =>
      map(deletePasskeyFactor(userId), (factor) => factor && (() => passkeyFactorContent(factor))),
  },
  totp: {
    method: 'TOTP',
    kind: 'totp',
    remove: (userId) =>
      map(deleteTotpFactor(userId), (app) => app && ((keyring) => totpContent(keyring, app))),
  },
  email: {
    method: 'EMAIL',
    kind: 'email-factor',
    remove: (userId) =>
      map(deleteEmailFactor(userId), (factor) => factor && (() => emailFactorContent(factor))),
  },
} as const satisfies Record<string, Factor>;

/** The name of a second factor. */
export type FactorName = keyof typeof SECOND_FACTORS;

/** The names of all second factors. */
export const FACTOR_NAMES = Object.keys(SECOND_FACTORS) as FactorName[];
