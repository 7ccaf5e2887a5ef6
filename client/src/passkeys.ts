import {
  type AssertionJson,
  type Authenticator,
  browserAuthenticator,
  type PasskeyOptions,
} from './authenticator.ts';
import {
  type CompletePasskeyEnrollmentResult,
  type CompletePasskeySignInResult,
  completePasskeyEnrollment,
  completePasskeySignIn,
  type Passkey,
  type PasskeyProofInput,
  type ReauthenticateResult,
  type RemovePasskeyResult,
  reauthenticate,
  removePasskey,
  type StartPasskeyEnrollmentResult,
  type StartPasskeyMfaResult,
  type StartPasskeyReauthenticationResult,
  type StartPasskeySignInResult,
  startPasskeyEnrollment,
  startPasskeyMfa,
  startPasskeyReauthentication,
  startPasskeySignIn,
  type VerifyPasskeyMfaResult,
  verifyPasskeyMfa,
  viewerPasskeySignals,
  viewerPasskeys,
} from './generated/operations.ts';
import type { Operation } from './operation.ts';
import { type Clock, pause, schedule, systemClock } from './ports.ts';
import { FaultError } from './send.ts';
import type { Session } from './session-types.ts';
import { UnreachableError } from './transport.ts';

export type {
  AssertionJson,
  AttestationJson,
  Authenticator,
  PasskeyOptions,
} from './authenticator.ts';

/** How long before their end options are replaced: a person needs time to answer. */
const LONGEST_MARGIN = 60_000;
/** The assumed lifetime of options if the device's clock is wrong. */
const UNKNOWN_LIFETIME = 4 * 60_000;
const LONGEST_LIFETIME = 10 * 60_000;
/** How long autofill waits before it asks a server again that did not answer. */
const RETRY_AFTER = 15_000;
/** How long autofill waits before it is offered again after the browser ended it. */
const RESUME_AFTER = 2000;

/** One member of a mutation's union. */
type Outcome = { readonly __typename: string };
type Refusal<Result extends Outcome> = Extract<Result, { readonly __typename: `${string}Error` }>;

/**
 * The person closed the browser's dialog, it timed out, or the call was aborted. Autofill also ends with it where the
 * browser does not support autofill, and after another ceremony succeeded. No proof was sent.
 */
export type PasskeyCanceled = { readonly __typename: 'PasskeyCanceled' };

/** This device already has a passkey of this account. Nothing was sent. */
export type PasskeyExists = { readonly __typename: 'PasskeyExists' };

/** The device failed, or refused for another reason than the person's. `cause` is its error. */
export class AuthenticatorError extends Error {
  override readonly name = 'AuthenticatorError';

  constructor(options: ErrorOptions) {
    super('The device could not use a passkey.', options);
  }
}

/** The outcome of {@link Passkeys.signIn}. */
export type PasskeySignInOutcome =
  | CompletePasskeySignInResult
  | Refusal<StartPasskeySignInResult>
  | PasskeyCanceled;

/** The outcome of {@link Passkeys.answerMfa}. */
export type PasskeyMfaOutcome =
  | VerifyPasskeyMfaResult
  | Refusal<StartPasskeyMfaResult>
  | PasskeyCanceled;

/** The outcome of {@link Passkeys.reauthenticate}. */
export type PasskeyReauthenticationOutcome =
  | ReauthenticateResult
  | Refusal<StartPasskeyReauthenticationResult>
  | PasskeyCanceled;

/** The outcome of {@link Passkeys.enroll}. */
export type PasskeyEnrollmentOutcome =
  | CompletePasskeyEnrollmentResult
  | Refusal<StartPasskeyEnrollmentResult>
  | PasskeyCanceled
  | PasskeyExists;

/**
 * The ceremonies of passkeys. Each returns an outcome for `match`. Each ceremony has a `prepare…` that requests its
 * options: call it when the page with the button appears. The browser's dialog then opens within the click, as Safari
 * requires. Options that expired meanwhile are requested again.
 *
 * Every function may throw UnreachableError and FaultError like `execute`, and AuthenticatorError.
 */
export type Passkeys = {
  /** True if this browser can create and use passkeys. */
  isSupported(): boolean;
  prepareSignIn(): Promise<StartPasskeySignInResult>;
  /**
   * Signs in with a passkey that the person chooses in the browser's dialog. Pass its `SignedIn` to the session.
   *
   * @param options.autofill offers the passkeys among the suggestions of the field whose `autocomplete` contains
   *   `webauthn`, and returns when the person chose one. Requests new options before they expire. Any other ceremony
   *   interrupts it for as long as it takes. It ends with PasskeyCanceled when `signal` aborts, where autofill is not
   *   supported, and when another ceremony succeeded, e.g. signed the person in. It ends with the refusal if the server
   *   refuses to start a sign-in; only after RateLimitedError does it wait and ask again.
   */
  signIn(options?: {
    readonly autofill?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<PasskeySignInOutcome>;
  prepareMfa(challengeToken: string): Promise<StartPasskeyMfaResult>;
  /** Answers the second step of a sign-in. */
  answerMfa(challengeToken: string): Promise<PasskeyMfaOutcome>;
  prepareReauthentication(): Promise<StartPasskeyReauthenticationResult>;
  /** Proves the signed-in person's identity again. Pass its `SignedIn` to the session. */
  reauthenticate(): Promise<PasskeyReauthenticationOutcome>;
  prepareEnrollment(): Promise<StartPasskeyEnrollmentResult>;
  /**
   * Creates a passkey and adds it to the account.
   *
   * @param options.alsoSecondFactor also asks for a passkey after a password, from now on
   */
  enroll(options?: {
    readonly name?: string | null;
    readonly alsoSecondFactor?: boolean;
  }): Promise<PasskeyEnrollmentOutcome>;
  /** The person's passkeys, or null if nobody is signed in. The device learns which ones exist. */
  list(): Promise<readonly Passkey[] | null>;
  /** Removes a passkey, from the device as well if the device supports it. */
  remove(passkeyId: string): Promise<RemovePasskeyResult>;
  /**
   * Reports to this device which passkeys of the signed-in person exist, and the person's name and address, so that it stops
   * offering passkeys that were removed (WebAuthn's Signal API). Nothing happens on devices without it.
   */
  sendSignals(): Promise<void>;
};

/** Options of {@link createPasskeys}. */
export type PasskeysOptions = {
  /** The browser by default. */
  readonly authenticator?: Authenticator;
  /**
   * Sends the mutations that need a recent authentication. `session.execute` by default. An app that answers
   * `StepUpRequiredError` in one place passes its own function.
   */
  readonly execute?: <Result extends Outcome, Variables>(
    operation: Operation<Result, Variables>,
    ...variables: Record<string, never> extends Variables ? [Variables?] : [Variables]
  ) => Promise<Result>;
  readonly clock?: Clock;
};

const CANCELED: PasskeyCanceled = { __typename: 'PasskeyCanceled' };
const EXISTS: PasskeyExists = { __typename: 'PasskeyExists' };

/** Creates the ceremonies of one page. A browser runs one ceremony at a time, so create this once. */
export function createPasskeys(
  session: Pick<Session, 'execute' | 'executeAnonymously'>,
  options: PasskeysOptions = {},
): Passkeys {
  const {
    authenticator = browserAuthenticator,
    execute = session.execute,
    clock = systemClock,
  } = options;

  const signInOptions = createPreparation(clock, () =>
    session.executeAnonymously(startPasskeySignIn),
  );
  const mfaOptions = createPreparation(clock, (challengeToken) =>
    session.executeAnonymously(startPasskeyMfa, { input: { challengeToken } }),
  );
  const reauthenticationOptions = createPreparation(clock, () =>
    session.execute(startPasskeyReauthentication),
  );
  const enrollmentOptions = createPreparation(clock, () => execute(startPasskeyEnrollment));

  /** The ceremony that the browser is running. */
  let running = new AbortController();
  /**
   * While a ceremony with a dialog runs. Resolves at its end: to true if it was canceled, refused or failed, so that
   * autofill may resume; to false if it succeeded, be it a sign-in, a proof or an enrollment, and if the device already
   * had a passkey.
   */
  let autofillMayResume: Promise<boolean> | null = null;

  const begin = () => {
    running.abort();
    running = new AbortController();
    return running;
  };

  /** Runs a ceremony with a dialog. Autofill is interrupted meanwhile, because browsers run one ceremony at a time. */
  const withDialog = async <Result extends Outcome>(
    run: (signal: AbortSignal) => Promise<Result>,
    outer?: AbortSignal,
  ): Promise<Result> => {
    const controller = begin();
    const unlink = link(outer, controller);
    const result = run(controller.signal);
    const mayResume = result.then(
      ({ __typename }) => __typename === CANCELED.__typename || __typename.endsWith('Error'),
      () => true,
    );
    autofillMayResume = mayResume;
    try {
      return await result;
    } finally {
      unlink();
      if (autofillMayResume === mayResume) autofillMayResume = null;
    }
  };

  /** Asks the device for an answer. Null if the person canceled. */
  const answer = (
    { options: json }: Ceremony,
    signal: AbortSignal,
    autofill = false,
  ): Promise<AssertionJson | null> =>
    unlessCanceled(signal, () => authenticator.get(json, { signal, autofill }));

  const ask = <Started extends Outcome, Result extends Outcome>(
    preparation: Preparation<Started>,
    subject: string,
    complete: (proof: PasskeyProofInput) => Promise<Result>,
    outer?: AbortSignal,
  ): Promise<Result | Refusal<Started> | PasskeyCanceled> =>
    withDialog(async (signal): Promise<Result | Refusal<Started> | PasskeyCanceled> => {
      // Nothing is awaited if the options are there, so that the dialog opens within the click.
      const started = preparation.peek(subject) ?? (await preparation.fetch(subject));
      if (!isCeremony(started)) return started as Refusal<Started>;
      const answered = await answer(started, signal);
      if (!answered) return CANCELED;
      preparation.drop();
      return complete(proofOf(started, answered));
    }, outer);

  const completeSignIn = (proof: PasskeyProofInput) =>
    session.executeAnonymously(completePasskeySignIn, { input: { proof } });

  /** The options for autofill, as soon as there are some; a refusal; or null if the call was aborted. */
  const awaitOptions = async (outer?: AbortSignal) => {
    while (!outer?.aborted) {
      let wait = RETRY_AFTER;
      try {
        const started = await signInOptions.fetch('');
        if (started.__typename !== 'RateLimitedError') return started;
        wait = started.retryAfterSeconds * 1000;
      } catch (error) {
        if (!isTemporary(error)) throw error;
      }
      await Promise.race([pause(clock, wait), aborted(outer)]);
    }
    return null;
  };

  const offerAutofill = async (outer?: AbortSignal): Promise<PasskeySignInOutcome> => {
    const isSupported =
      authenticator.isSupported() && (await authenticator.isAutofillSupported?.());
    while (!outer?.aborted) {
      if (autofillMayResume && !(await Promise.race([autofillMayResume, aborted(outer)])))
        return CANCELED;
      const started = await awaitOptions(outer);
      if (started === null) return CANCELED;
      if (!isCeremony(started)) return started;
      // The options are fetched anyway, for the dialog of a click.
      if (!isSupported) return CANCELED;
      if (autofillMayResume || outer?.aborted) continue;
      const controller = begin();
      const unlink = link(outer, controller);
      const cancelRenewal = schedule(clock, signInOptions.timeLeft(), () => controller.abort());
      try {
        const answered = await answer(started, controller.signal, true);
        if (answered) {
          signInOptions.drop();
          return await completeSignIn(proofOf(started, answered));
        }
      } finally {
        cancelRenewal();
        unlink();
      }
      // Not at once: a browser that ends every offer immediately would be asked without a pause.
      if (!controller.signal.aborted) {
        await Promise.race([pause(clock, RESUME_AFTER), aborted(outer)]);
      }
    }
    return CANCELED;
  };

  const sendSignals = async () => {
    if (!authenticator.reportAccepted) return;
    const viewer = await session.execute(viewerPasskeySignals);
    if (viewer?.passkeySignals) await authenticator.reportAccepted(viewer.passkeySignals);
  };
  /** The signals only keep lists tidy, so their failure fails nothing else. */
  const sendSignalsUnasked = () => void sendSignals().catch(() => undefined);

  return {
    isSupported: () => authenticator.isSupported(),
    prepareSignIn: () => signInOptions.fetch(''),
    signIn: ({ autofill = false, signal } = {}) =>
      autofill ? offerAutofill(signal) : ask(signInOptions, '', completeSignIn, signal),
    prepareMfa: (challengeToken) => mfaOptions.fetch(challengeToken),
    answerMfa: (challengeToken) =>
      ask(mfaOptions, challengeToken, (proof) =>
        session.executeAnonymously(verifyPasskeyMfa, { input: { challengeToken, proof } }),
      ),
    prepareReauthentication: () => reauthenticationOptions.fetch(''),
    reauthenticate: () =>
      ask(reauthenticationOptions, '', (passkey) =>
        session.execute(reauthenticate, { input: { passkey } }),
      ),
    prepareEnrollment: () => enrollmentOptions.fetch(''),
    enroll: ({ name = null, alsoSecondFactor = false } = {}) =>
      withDialog(async (signal): Promise<PasskeyEnrollmentOutcome> => {
        const started = enrollmentOptions.peek('') ?? (await enrollmentOptions.fetch(''));
        if (!isCeremony(started)) return started;
        const { ceremonyToken, options: json } = started;
        const created = await unlessCanceled(signal, () =>
          authenticator.create(json, { signal }),
        ).catch((error: unknown) => {
          if (nameOf((error as AuthenticatorError).cause) === 'InvalidStateError') return EXISTS;
          throw error;
        });
        if (!created) return CANCELED;
        if ('__typename' in created) return created;
        enrollmentOptions.drop();
        const { id, response } = created;
        const { clientDataJSON, attestationObject, transports = null } = response;
        const attestation = { id, clientDataJSON, attestationObject, transports };
        const outcome = await execute(completePasskeyEnrollment, {
          input: { ceremonyToken, attestation, name, alsoSecondFactor },
        });
        if (outcome.__typename.endsWith('Error')) {
          // The device has a passkey that the server did not take, and would offer it forever.
          const { rp } = json as { readonly rp?: { readonly id?: string } };
          if (rp?.id) await authenticator.forget?.(rp.id, id).catch(() => undefined);
        }
        return outcome;
      }),
    list: async () => {
      const viewer = await session.execute(viewerPasskeys);
      if (viewer) sendSignalsUnasked();
      return viewer?.passkeys ?? null;
    },
    remove: async (passkeyId) => {
      const outcome = await execute(removePasskey, { input: { passkeyId } });
      if (outcome.__typename === 'PasskeyRemoved') sendSignalsUnasked();
      return outcome;
    },
    sendSignals,
  };
}

/** A started ceremony. */
type Ceremony = {
  readonly ceremonyToken: string;
  readonly options: PasskeyOptions;
  readonly expiresAt: string;
};

function isCeremony<Started extends Outcome>(started: Started): started is Started & Ceremony {
  return 'ceremonyToken' in started;
}

function proofOf({ ceremonyToken }: Ceremony, { id, response }: AssertionJson): PasskeyProofInput {
  const { clientDataJSON, authenticatorData, signature, userHandle = null } = response;
  return {
    ceremonyToken,
    assertion: { id, clientDataJSON, authenticatorData, signature, userHandle },
  };
}

/** The options of one kind of ceremony, requested before they are needed. */
type Preparation<Started extends Outcome> = {
  /** The options, if they are there and valid for long enough. */
  peek(subject: string): (Started & Ceremony) | null;
  /** The options: the ones that are there, or new ones. */
  fetch(subject: string): Promise<Started>;
  /** How long the options may still be used, in milliseconds. */
  timeLeft(): number;
  /** A ceremony can be completed once. */
  drop(): void;
};

function createPreparation<Started extends Outcome>(
  clock: Clock,
  start: (subject: string) => Promise<Started>,
): Preparation<Started> {
  let ready: {
    readonly subject: string;
    readonly started: Started & Ceremony;
    readonly until: number;
  } | null = null;
  let pending: { readonly subject: string; readonly started: Promise<Started> } | null = null;

  const peek = (subject: string) =>
    ready && ready.subject === subject && clock.now() < ready.until ? ready.started : null;
  const request = async (subject: string) => {
    const askedAt = clock.now();
    const started = await start(subject);
    if (isCeremony(started)) {
      ready = { subject, started, until: askedAt + usableFor(started, askedAt) };
    }
    return started;
  };
  return {
    peek,
    fetch: async (subject) => {
      const known = peek(subject);
      if (known) return known;
      if (pending?.subject === subject) return pending.started;
      const started = request(subject);
      const mine = { subject, started };
      pending = mine;
      try {
        return await started;
      } finally {
        if (pending === mine) pending = null;
      }
    },
    timeLeft: () => Math.max(0, (ready?.until ?? 0) - clock.now()),
    drop: () => {
      ready = null;
    },
  };
}

/** How long options may be used after they were requested. The duration is the server's, whatever the device's clock says. */
function usableFor({ options, expiresAt }: Ceremony, askedAt: number): number {
  const { timeout } = options;
  const said = typeof timeout === 'number' ? timeout : Date.parse(expiresAt) - askedAt;
  const lifetime = said > 0 && said <= LONGEST_LIFETIME ? said : UNKNOWN_LIFETIME;
  return lifetime - Math.min(LONGEST_MARGIN, lifetime / 5);
}

/**
 * Runs a ceremony. Also ends when the signal aborts and the device does not notice, so a button never stays busy.
 *
 * @returns null if the person canceled or the signal aborted
 * @throws AuthenticatorError
 */
async function unlessCanceled<Result>(
  signal: AbortSignal,
  run: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await Promise.race([run(), aborted(signal)]);
  } catch (cause) {
    if (signal.aborted || nameOf(cause) === 'NotAllowedError') return null;
    throw new AuthenticatorError({ cause });
  }
}

/** Resolves to null when the signal aborts. */
function aborted(signal?: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(null);
    signal?.addEventListener('abort', () => resolve(null), { once: true });
  });
}

/**
 * Aborts the controller when the signal does. `AbortSignal.any` is missing in older browsers.
 *
 * @returns a function that ends the connection
 */
function link(signal: AbortSignal | undefined, controller: AbortController): () => void {
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return () => signal?.removeEventListener('abort', abort);
}

function nameOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'name' in error ? error.name : null;
}

/** No response, or a server that is starting again: the next request may succeed. */
function isTemporary(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof FaultError && error.code === 'SERVICE_UNAVAILABLE';
}
