import { createLock, type Locks, systemClock, systemLocks } from './ports.ts';
import {
  type AsyncStorage,
  createList,
  createShelf,
  localStorageOfPage,
  type SyncStorage,
} from './storage.ts';

/**
 * How long a secret is kept: a registration waits as long on the server, and can be mailed again after
 * its first link has expired. The server treats a token that it does not know any more as none.
 */
const KEPT = 7 * 24 * 60 * 60_000;
/** How many addresses and how many sent proofs a browser remembers. */
const MOST = 20;
/** How long another tab may hold the lock of an address or a proof: it may be suspended. */
const LOCK_LIMIT = 10_000;

/** What a mail carried: the token of its link, or its code with the address it went to. */
export type MailedProof =
  | { readonly token: string }
  | { readonly code: { readonly email: string; readonly code: string } };

/**
 * This browser has sent the proof before, and the proof is used up: the answer was lost or went to
 * another tab. Offer to sign in.
 */
export type ProofUsed = { readonly __typename: 'ProofUsed' };

type Outcome = { readonly __typename: string };

/** Keeps this browser's secrets by address, and sends mailed proofs with them. */
export type MailProofs = {
  /** The secret for an address; null when there is none. */
  tokenFor(email: string): string | null;
  /** Keeps the secret of an outcome that has one, such as `EmailVerificationRequired`. */
  keep(outcome: Outcome, typed?: string): void;
  /**
   * Sends an operation that asks for a mail, with the secret for the address, and keeps the one it
   * is answered with. One at a time for each address, over all tabs: a button that is pressed five
   * times asks for one registration.
   */
  ask<Result extends Outcome>(
    email: string,
    send: (token: string | null) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Sends a mailed proof with the secret of its address. Never twice at once, and not again after
   * the answer that used it up, in whichever tab: a page may call this from an effect.
   *
   * @param send its token is null where nothing is kept, and after a `password` was typed
   * @param typedFor the address of `PasswordNeeded`, where `send` carries a password
   */
  prove<Result extends Outcome>(
    proof: MailedProof,
    send: (token: string | null) => Promise<Result>,
    typedFor?: string,
  ): Promise<Result | ProofUsed>;
};

/** What the keeping depends on. */
export type MailProofsOptions = {
  /** Tells apps of one origin apart: the beginning of every storage key and lock. */
  readonly name?: string;
  /**
   * `localStorage` unless given, because a mail opens another tab; memory where there is none. Of an
   * asynchronous storage `tokenFor` knows nothing until it has been read; the others wait for it.
   */
  readonly storage?: SyncStorage | AsyncStorage;
  /** Called with what the storage threw; what was kept goes on from memory. */
  readonly onStorageError?: (error: unknown) => void;
  /** `navigator.locks` unless given; null for none. */
  readonly locks?: Locks | null;
  readonly now?: () => number;
};

/** For `register`, `login`, `resendEmailVerification` and `verifyEmail`: the `registrationToken`. */
export function createRegistrations(options: MailProofsOptions = {}): MailProofs {
  return createMailProofs('registrationToken', options);
}

/** For `requestPasswordReset` and `resetPassword`: the `resetToken`. */
export function createPasswordResets(options: MailProofsOptions = {}): MailProofs {
  return createMailProofs('resetToken', options);
}

type KeptToken = {
  /** The address as the server writes it, and as the person did. */
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
  const shelf = createShelf(storage, {
    keys: Object.values(places),
    clock: systemClock,
    onError: options.onStorageError,
  });
  shelf.ready();
  const tokens = createList<KeptToken>(
    shelf,
    places.tokens,
    MOST,
    ({ addresses, token }) => Array.isArray(addresses) && typeof token === 'string',
  );
  const sent = createList<SentProof>(
    shelf,
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
    await shelf.ready();
    const before = sent.read().find((one) => one.label === label);
    if (before?.isUsedUp) return { __typename: 'ProofUsed' };
    const mark = (isUsedUp: boolean | null) => {
      const others = sent.read().filter((one) => one.label !== label);
      sent.write(isUsedUp === null ? others : [{ label, isUsedUp }, ...others]);
    };
    mark(false);
    // A link does not say whose it is: the newest secret is the likeliest.
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
    // MfaRequired comes for accounts that exist: no registration was used up.
    if (isUsedUp && kind !== 'MfaRequired' && address !== undefined) forget(address);
    return outcome;
  };

  return {
    tokenFor,
    keep,
    ask: (email, send) =>
      lock(`${name}.${field}.${sameForm(email)}`, async () => {
        await shelf.ready();
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

/** Two spellings of one address, as far as a browser can tell. */
function sameForm(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/**
 * Names a proof without being one: what stays in the storage must open nothing. 53 bits, not a
 * secret hash (cyrb53): a mailed token has too many bits to be found by trying.
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
