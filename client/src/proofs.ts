import { createLock, type Locks, systemClock, systemLocks } from './ports.ts';
import {
  type AsyncStorage,
  createCachedStorage,
  createList,
  localStorageOfPage,
  type SyncStorage,
} from './storage.ts';

/**
 * How long a secret is stored. A registration stays pending on the server for the same time and can be mailed
 * again after its first link has expired. The server treats a token that it no longer knows like a missing one.
 */
const KEPT = 7 * 24 * 60 * 60_000;
/** The number of addresses, and of used proofs, that a browser remembers. */
const MOST = 20;
/** How long another tab may hold the lock of an address or a proof. That tab may be suspended. */
const LOCK_LIMIT = 10_000;

/** The proof from a mail: the token of its link, or its code and the address that the mail was sent to. */
export type MailedProof =
  | { readonly token: string }
  | { readonly code: { readonly email: string; readonly code: string } };

/**
 * This browser has sent the proof before, and the proof is used. The response was lost or went to another tab.
 * Offer the person to sign in.
 */
export type ProofUsed = { readonly __typename: 'ProofUsed' };

type Outcome = { readonly __typename: string };

/** Stores this browser's secrets by email address, and sends the proofs from mails with them. */
export type MailProofs = {
  /** The secret for an address; null if there is none. */
  tokenFor(email: string): string | null;
  /** Stores the secret of an outcome that contains one, such as `EmailVerificationRequired`. */
  keep(outcome: Outcome, typed?: string): void;
  /**
   * Sends an operation that requests a mail, with the stored secret for the address, and stores the secret that
   * the server returns. For each address, one such operation runs at a time across all tabs: pressing a button
   * five times requests one registration.
   */
  ask<Result extends Outcome>(
    email: string,
    send: (token: string | null) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Sends the proof from a mail with the secret of its address. A proof is never sent twice at the same time,
   * and never again after it was used, in any tab. A page may therefore call this function from an effect.
   *
   * @param send receives the secret as its token. The token is null if no secret is stored, and after the
   *   person typed a `password`.
   * @param typedFor the address of `PasswordNeeded`, if `send` includes a password
   */
  prove<Result extends Outcome>(
    proof: MailedProof,
    send: (token: string | null) => Promise<Result>,
    typedFor?: string,
  ): Promise<Result | ProofUsed>;
};

/** Options of {@link createRegistrations}, {@link createPasswordResets} and {@link createEmailSignIns}. */
export type MailProofsOptions = {
  /** Separates apps of the same origin: the prefix of every storage key and lock. */
  readonly name?: string;
  /**
   * `localStorage` by default, because a link in a mail opens another tab; memory where there is none. With an
   * asynchronous storage, `tokenFor` finds nothing until the storage has been read. The other functions wait
   * for it.
   */
  readonly storage?: SyncStorage | AsyncStorage;
  /** Called with an error that the storage threw. The stored values remain available from memory. */
  readonly onStorageError?: (error: unknown) => void;
  /** `navigator.locks` by default; null for none. */
  readonly locks?: Locks | null;
  readonly now?: () => number;
};

/**
 * Creates the store of `registrationToken`s, for `register`, `login`, `resendEmailVerification` and
 * `verifyEmail`.
 */
export function createRegistrations(options: MailProofsOptions = {}): MailProofs {
  return createMailProofs('registrationToken', options);
}

/** Creates the store of `resetToken`s, for `requestPasswordReset` and `resetPassword`. */
export function createPasswordResets(options: MailProofsOptions = {}): MailProofs {
  return createMailProofs('resetToken', options);
}

/**
 * Creates the store of `emailSignInToken`s, for `requestEmailSignIn` and `completeEmailSignIn`. A code needs the
 * token; a link does not. Pass the address of a link, which `mailedToken` names, as `typedFor`.
 */
export function createEmailSignIns(options: MailProofsOptions = {}): MailProofs {
  return createMailProofs('emailSignInToken', options);
}

type KeptToken = {
  /** The address as the server writes it and as the person typed it. */
  readonly addresses: readonly string[];
  readonly token: string;
  readonly until: number;
};
type SentProof = { readonly label: string; readonly isUsedUp: boolean };

function createMailProofs(field: string, options: MailProofsOptions): MailProofs {
  const { name = 'latchkey', storage = localStorageOfPage, now = Date.now } = options;
  const locks = options.locks === undefined ? systemLocks() : options.locks;
  const lock = createLock(locks, systemClock, LOCK_LIMIT);
  const places = { tokens: `${name}.${field}s`, sent: `${name}.${field}.proofs` };
  const cached = createCachedStorage(storage, {
    keys: Object.values(places),
    clock: systemClock,
    onError: options.onStorageError,
  });
  cached.ready();
  const tokens = createList<KeptToken>(
    cached,
    places.tokens,
    MOST,
    ({ addresses, token }) => Array.isArray(addresses) && typeof token === 'string',
  );
  const sent = createList<SentProof>(
    cached,
    places.sent,
    MOST,
    ({ label }) => typeof label === 'string',
  );
  const underWay = new Map<string, Promise<unknown>>();

  const live = () => tokens.read().filter(({ until }) => now() < until);
  const of = (email: string) => {
    const address = sameForm(email);
    return live().find(({ addresses }) => addresses.includes(address));
  };
  const forget = (email: string) => {
    const address = sameForm(email);
    tokens.write(live().filter(({ addresses }) => !addresses.includes(address)));
  };

  const keep = (outcome: Outcome, typed?: string) => {
    const { email, [field]: given } = outcome as Readonly<Record<string, unknown>>;
    if (typeof email !== 'string') return;
    const before = of(email);
    const token = typeof given === 'string' ? given : before?.token;
    if (token === undefined || token === null) return;
    const addresses = [...new Set([email, typed ?? email].map(sameForm))];
    forget(email);
    tokens.write([{ addresses, token, until: now() + KEPT }, ...live()]);
  };

  const tokenFor = (email: string) => of(email)?.token ?? null;

  const sendOnce = async <Result extends Outcome>(
    proof: MailedProof,
    label: string,
    send: (token: string | null) => Promise<Result>,
    typedFor: string | undefined,
  ): Promise<Result | ProofUsed> => {
    await cached.ready();
    const before = sent.read().find((one) => one.label === label);
    if (before?.isUsedUp) return { __typename: 'ProofUsed' };
    const mark = (isUsedUp: boolean | null) => {
      const others = sent.read().filter((one) => one.label !== label);
      sent.write(isUsedUp === null ? others : [{ label, isUsedUp }, ...others]);
    };
    mark(false);
    // A link does not name its address, so the newest secret is the most likely one.
    let kept = 'code' in proof ? of(proof.code.email) : live()[0];
    if (typedFor !== undefined) kept = undefined;
    let outcome = await send(kept?.token ?? null);
    if (outcome.__typename === 'PasswordNeeded' && 'email' in outcome) {
      const own = of(String(outcome.email));
      if (own && own.token !== kept?.token && typedFor === undefined) {
        kept = own;
        outcome = await send(own.token);
      }
    }
    const kind = outcome.__typename;
    if (kind === 'InvalidTokenError' && before) return { __typename: 'ProofUsed' };
    const isUsedUp = !kind.endsWith('Error') && kind !== 'PasswordNeeded';
    mark(isUsedUp ? true : null);
    const address = typedFor ?? kept?.addresses[0];
    // MfaRequired is returned for existing accounts, so no registration was used up.
    if (isUsedUp && kind !== 'MfaRequired' && address !== undefined) forget(address);
    return outcome;
  };

  return {
    tokenFor,
    keep,
    ask: (email, send) =>
      lock(`${name}.${field}.${sameForm(email)}`, async () => {
        await cached.ready();
        const outcome = await send(tokenFor(email));
        keep(outcome, email);
        return outcome;
      }),
    prove: <Result extends Outcome>(
      proof: MailedProof,
      send: (token: string | null) => Promise<Result>,
      typedFor?: string,
    ) => {
      const label = labelOf('token' in proof ? proof.token : JSON.stringify(proof.code));
      const running = underWay.get(label);
      if (running) return running as Promise<Result | ProofUsed>;
      const run = lock(`${name}.${field}.proof.${label}`, () =>
        sendOnce(proof, label, send, typedFor),
      ).finally(() => underWay.delete(label));
      underWay.set(label, run);
      return run;
    },
  };
}

/** True for two spellings of one address, as far as a browser can determine. */
function sameForm(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/**
 * Identifies a proof without containing it, because the storage must not hold anything that could be used. The
 * label has 53 bits and is not a cryptographic hash (cyrb53). A mailed token has too many bits to be found from
 * it by trial.
 */
function labelOf(text: string): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2654435761);
    other = Math.imul(other ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & other) + (one >>> 0)).toString(36);
}
