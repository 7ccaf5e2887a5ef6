import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Session, UnreachableError } from '../../client/src/index.ts';
import {
  type AssertionJson,
  type AttestationJson,
  type Authenticator,
  AuthenticatorError,
  createPasskeys,
} from '../../client/src/passkeys.ts';
import { createDeviceClock, type DeviceClock } from './tabs.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-02-03T12:00:00Z');

const ASSERTION: AssertionJson = {
  id: 'credential',
  response: { clientDataJSON: 'c', authenticatorData: 'a', signature: 's', userHandle: 'u' },
};
const ATTESTATION: AttestationJson = {
  id: 'credential',
  response: { clientDataJSON: 'c', attestationObject: 'o', transports: ['internal'] },
};
const SIGNALS = {
  rpId: 'example.com',
  userHandle: 'dXNlcg',
  credentialIds: ['credential'],
  name: 'ada@example.com',
  displayName: 'Ada',
};

type Answer = object | Error;
type Prompt = {
  readonly options: Readonly<Record<string, unknown>>;
  readonly autofill: boolean;
  readonly signal: AbortSignal;
  answer(json: AssertionJson | AttestationJson): void;
  fail(name: string): void;
};

/** A server that answers by the name of the root field, and a device that answers on command. */
function createStage({ skew = 0, autofill = true, listens = true } = {}) {
  const clock: DeviceClock = createDeviceClock(NOON + skew);
  let ceremonies = 0;
  const sent: { readonly field: string; readonly anonymous: boolean; readonly input: object }[] =
    [];
  const ceremony = (__typename: string) => () => {
    ceremonies += 1;
    return {
      __typename,
      ceremonyToken: `token-${ceremonies}`,
      options: {
        challenge: `challenge-${ceremonies}`,
        timeout: 5 * MINUTE,
        rp: { id: 'example.com' },
      },
      // The server's clock, whatever the device says.
      expiresAt: new Date(clock.now() - skew + 5 * MINUTE).toISOString(),
    };
  };
  const server: Record<string, () => Answer> = {
    startPasskeySignIn: ceremony('PasskeyRequest'),
    startPasskeyMfa: ceremony('PasskeyRequest'),
    startPasskeyReauthentication: ceremony('PasskeyRequest'),
    startPasskeyEnrollment: ceremony('PasskeyEnrollment'),
    completePasskeySignIn: () => ({ __typename: 'SignedIn' }),
    verifyPasskeyMfa: () => ({ __typename: 'SignedIn' }),
    reauthenticate: () => ({ __typename: 'SignedIn' }),
    completePasskeyEnrollment: () => ({ __typename: 'PasskeyAdded' }),
    removePasskey: () => ({ __typename: 'PasskeyRemoved' }),
    passkeys: () => ({ passkeys: [] }),
    passkeySignals: () => ({ passkeySignals: SIGNALS }),
  };
  const send =
    (anonymous: boolean) =>
    async (operation: string, variables: { readonly input?: object } = {}) => {
      const [, field = ''] = /\{ (?:viewer \{ )?(\w+)/.exec(operation) ?? [];
      sent.push({ field, anonymous, input: variables.input ?? {} });
      const answer = server[field]?.();
      if (!answer) throw new Error(`No answer to ${field}.`);
      if (answer instanceof Error) throw answer;
      return answer;
    };
  const session = { execute: send(false), executeAnonymously: send(true) } as Pick<
    Session,
    'execute' | 'executeAnonymously'
  >;

  const prompts: Prompt[] = [];
  const signals: (string | readonly string[])[] = [];
  const prompt = (options: Prompt['options'], how: { signal: AbortSignal; autofill?: boolean }) =>
    new Promise<AssertionJson & AttestationJson>((resolve, reject) => {
      const { signal } = how;
      const fail = (name: string) => reject(Object.assign(new Error(name), { name }));
      if (listens) signal.addEventListener('abort', () => fail('AbortError'));
      const answer = (json: AssertionJson | AttestationJson) =>
        resolve(json as AssertionJson & AttestationJson);
      prompts.push({ options, autofill: how.autofill ?? false, signal, answer, fail });
    });
  const authenticator: Authenticator = {
    isSupported: () => true,
    isAutofillSupported: async () => autofill,
    create: prompt,
    get: prompt,
    reportAccepted: async ({ credentialIds }) => void signals.push(credentialIds),
    forget: async (rpId, id) => void signals.push(`forget ${rpId} ${id}`),
  };
  const passkeys = createPasskeys(session, { authenticator, clock });
  const fields = () => sent.map(({ field }) => field);
  const last = () => prompts.at(-1) ?? expect.fail('Nothing was asked of the device.');
  return { passkeys, server, sent, fields, prompts, last, signals, clock, authenticator };
}

/** Lets everything happen that is under way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await immediate();
}

describe('PK-9: the device is asked within the click, without waiting for the server', () => {
  test.each([
    ['signIn', (one) => one.prepareSignIn(), (one) => one.signIn()],
    ['answerMfa', (one) => one.prepareMfa('lkc'), (one) => one.answerMfa('lkc')],
    ['reauthenticate', (one) => one.prepareReauthentication(), (one) => one.reauthenticate()],
    ['enroll', (one) => one.prepareEnrollment(), (one) => one.enroll()],
  ] as readonly (readonly [
    string,
    (one: ReturnType<typeof createPasskeys>) => Promise<unknown>,
    (one: ReturnType<typeof createPasskeys>) => Promise<unknown>,
  ])[])('%s', async (_name, prepare, run) => {
    const { passkeys, prompts, last } = createStage();
    await prepare(passkeys);
    const outcome = run(passkeys);
    expect(prompts).toHaveLength(1);
    last().fail('NotAllowedError');
    expect(await outcome).toEqual({ __typename: 'PasskeyCanceled' });
    // Canceled options were not used, so the next click has them, too.
    const again = run(passkeys);
    expect(prompts).toHaveLength(2);
    expect(last().options).toBe(prompts[0]?.options);
    last().fail('NotAllowedError');
    await again;
  });

  test('signIn without options requests them first, and once for two callers', async () => {
    const { passkeys, fields, prompts, last } = createStage();
    const [prepared, outcome] = [passkeys.prepareSignIn(), passkeys.signIn()];
    await prepared;
    await settle();
    expect(fields()).toEqual(['startPasskeySignIn']);
    expect(prompts).toHaveLength(1);
    last().answer(ASSERTION);
    expect(await outcome).toEqual({ __typename: 'SignedIn' });
  });

  test('options that expire within a minute are replaced', async () => {
    const { passkeys, last, clock, sent } = createStage();
    await passkeys.prepareSignIn();
    clock.advance(4 * MINUTE);
    const outcome = passkeys.signIn();
    await settle();
    expect(last().options['challenge']).toBe('challenge-2');
    last().answer(ASSERTION);
    await outcome;
    expect(sent.at(-1)?.input).toMatchObject({ proof: { ceremonyToken: 'token-2' } });
  });

  test('options of another challenge of the second factor are not used', async () => {
    const { passkeys, last, sent } = createStage();
    await passkeys.prepareMfa('one');
    const outcome = passkeys.answerMfa('other');
    await settle();
    last().answer(ASSERTION);
    await outcome;
    expect(sent.map(({ input }) => input)).toEqual([
      { challengeToken: 'one' },
      { challengeToken: 'other' },
      {
        challengeToken: 'other',
        proof: {
          ceremonyToken: 'token-2',
          assertion: { id: 'credential', ...ASSERTION.response },
        },
      },
    ]);
  });

  test('a proof is sent once: the next sign-in has new options', async () => {
    const { passkeys, server, last } = createStage();
    server['completePasskeySignIn'] = () => ({ __typename: 'InvalidPasskeyError' });
    for (const challenge of ['challenge-1', 'challenge-2']) {
      const outcome = passkeys.signIn();
      await settle();
      expect(last().options['challenge']).toBe(challenge);
      last().answer(ASSERTION);
      expect(await outcome).toEqual({ __typename: 'InvalidPasskeyError' });
    }
  });
});

describe('PK-9: autofill', () => {
  test('signs in with the passkey that the person chose', async () => {
    const { passkeys, last, sent } = createStage();
    const outcome = passkeys.signIn({ autofill: true });
    await settle();
    expect(last().autofill).toBe(true);
    last().answer(ASSERTION);
    expect(await outcome).toEqual({ __typename: 'SignedIn' });
    expect(sent.map(({ anonymous }) => anonymous)).toEqual([true, true]);
  });

  test.each([0, 3 * 60 * MINUTE, -3 * 60 * MINUTE])(
    'has new options before the old ones expire, on a device whose clock is %d ms off',
    async (skew) => {
      const { passkeys, prompts, last, clock } = createStage({ skew });
      const outcome = passkeys.signIn({ autofill: true });
      await settle();
      clock.advance(4 * MINUTE - 1);
      await settle();
      expect(prompts).toHaveLength(1);
      clock.advance(1);
      await settle();
      expect(prompts).toHaveLength(2);
      expect(prompts[0]?.signal.aborted).toBe(true);
      expect(last()).toMatchObject({ autofill: true, options: { challenge: 'challenge-2' } });
      last().answer(ASSERTION);
      await outcome;
    },
  );

  test('is interrupted by a dialog, and offered again with the same options after the person canceled it', async () => {
    const { passkeys, prompts, last, fields } = createStage();
    const controller = new AbortController();
    const outcome = passkeys.signIn({ autofill: true, signal: controller.signal });
    await settle();
    const dialog = passkeys.signIn();
    expect(prompts[0]?.signal.aborted).toBe(true);
    expect(last().autofill).toBe(false);
    await settle();
    expect(prompts).toHaveLength(2);
    last().fail('NotAllowedError');
    await dialog;
    await settle();
    expect(prompts).toHaveLength(3);
    expect(last().autofill).toBe(true);
    expect(fields()).toEqual(['startPasskeySignIn']);
    controller.abort();
    expect(await outcome).toEqual({ __typename: 'PasskeyCanceled' });
  });

  test('ends when the dialog signed the person in', async () => {
    const { passkeys, last, prompts } = createStage();
    const outcome = passkeys.signIn({ autofill: true });
    await settle();
    const dialog = passkeys.signIn();
    last().answer(ASSERTION);
    expect(await dialog).toEqual({ __typename: 'SignedIn' });
    expect(await outcome).toEqual({ __typename: 'PasskeyCanceled' });
    expect(prompts).toHaveLength(2);
  });

  test('ends when its page is left, also on a device that does not notice', async () => {
    const { passkeys } = createStage({ listens: false });
    const controller = new AbortController();
    const outcome = passkeys.signIn({ autofill: true, signal: controller.signal });
    await settle();
    controller.abort();
    expect(await outcome).toEqual({ __typename: 'PasskeyCanceled' });
  });

  test('is offered again after a pause if the browser ended it', async () => {
    const { passkeys, prompts, last, clock } = createStage();
    const outcome = passkeys.signIn({ autofill: true });
    await settle();
    last().fail('NotAllowedError');
    await settle();
    expect(prompts).toHaveLength(1);
    clock.advance(2000);
    await settle();
    expect(prompts).toHaveLength(2);
    last().answer(ASSERTION);
    expect(await outcome).toEqual({ __typename: 'SignedIn' });
  });

  test('outlives an outage of the server and a rate limit', async () => {
    const { passkeys, server, clock, last } = createStage();
    const works = server['startPasskeySignIn'] ?? expect.fail();
    const answers: (() => Answer)[] = [
      () => new UnreachableError(),
      () => ({ __typename: 'RateLimitedError', retryAfterSeconds: 30 }),
      works,
    ];
    server['startPasskeySignIn'] = () => answers.shift()?.() ?? expect.fail();
    const outcome = passkeys.signIn({ autofill: true });
    for (const wait of [15_000, 30_000]) {
      await settle();
      clock.advance(wait);
    }
    await settle();
    last().answer(ASSERTION);
    expect(await outcome).toEqual({ __typename: 'SignedIn' });
  });

  test('where browsers have none, the options are there for the click all the same', async () => {
    const { passkeys, prompts } = createStage({ autofill: false });
    expect(await passkeys.signIn({ autofill: true })).toEqual({ __typename: 'PasskeyCanceled' });
    expect(prompts).toEqual([]);
    const outcome = passkeys.signIn();
    expect(prompts).toHaveLength(1);
    prompts[0]?.answer(ASSERTION);
    await outcome;
  });

  test('a server without passkeys is not asked again', async () => {
    const { passkeys, server, fields } = createStage();
    server['startPasskeySignIn'] = () => ({ __typename: 'NotFoundError' });
    expect(await passkeys.signIn({ autofill: true })).toEqual({ __typename: 'NotFoundError' });
    expect(fields()).toEqual(['startPasskeySignIn']);
  });
});

describe('the device’s errors', () => {
  test.each(['NotAllowedError', 'AbortError'])(
    '%s after a second click is an outcome',
    async (name) => {
      const { passkeys, prompts } = createStage({ listens: false });
      await passkeys.prepareSignIn();
      const [first, second] = [passkeys.signIn(), passkeys.signIn()];
      // The second click ends the first, as browsers run one ceremony at a time.
      prompts[0]?.fail(name);
      expect(await first).toEqual({ __typename: 'PasskeyCanceled' });
      prompts[1]?.answer(ASSERTION);
      expect(await second).toEqual({ __typename: 'SignedIn' });
    },
  );

  test('a device that has a passkey of this account already', async () => {
    const { passkeys, last, fields } = createStage();
    await passkeys.prepareEnrollment();
    const outcome = passkeys.enroll();
    last().fail('InvalidStateError');
    expect(await outcome).toEqual({ __typename: 'PasskeyExists' });
    expect(fields()).toEqual(['startPasskeyEnrollment']);
  });

  test.each(['SecurityError', 'UnknownError'])('%s is an AuthenticatorError', async (name) => {
    const { passkeys, last } = createStage();
    await passkeys.prepareSignIn();
    const outcome = passkeys.signIn();
    last().fail(name);
    await expect(outcome).rejects.toThrow(AuthenticatorError);
    await expect(outcome).rejects.toMatchObject({ cause: { name } });
  });
});

describe('PK-9: signals', () => {
  test('are sent after the list and after a removal', async () => {
    const { passkeys, signals, fields } = createStage();
    expect(await passkeys.list()).toEqual([]);
    await settle();
    expect(signals).toEqual([['credential']]);
    await passkeys.remove('lkp');
    await settle();
    expect(signals).toEqual([['credential'], ['credential']]);
    expect(fields()).toEqual(['passkeys', 'passkeySignals', 'removePasskey', 'passkeySignals']);
  });

  test('are not sent after a refused removal, and their failure fails nothing', async () => {
    const { passkeys, server, signals } = createStage();
    server['removePasskey'] = () => ({ __typename: 'LastCredentialError' });
    await passkeys.remove('lkp');
    server['passkeySignals'] = () => new UnreachableError();
    expect(await passkeys.list()).toEqual([]);
    await settle();
    expect(signals).toEqual([]);
  });

  test('the device forgets a passkey that the server refused', async () => {
    const { passkeys, server, last, signals } = createStage();
    server['completePasskeyEnrollment'] = () => ({ __typename: 'InvalidPasskeyError' });
    await passkeys.prepareEnrollment();
    const outcome = passkeys.enroll({ name: 'Phone', alsoSecondFactor: true });
    last().answer(ATTESTATION);
    expect(await outcome).toEqual({ __typename: 'InvalidPasskeyError' });
    expect(signals).toEqual(['forget example.com credential']);
  });

  test('a working passkey is never forgotten because of a sign-in that was refused or too late', async () => {
    const { passkeys, server, last, signals } = createStage();
    server['completePasskeySignIn'] = () => ({ __typename: 'InvalidPasskeyError' });
    const outcome = passkeys.signIn();
    await settle();
    last().answer(ASSERTION);
    await outcome;
    expect(signals).toEqual([]);
  });
});

test('enroll sends the name, the choice and what the device created', async () => {
  const { passkeys, last, sent } = createStage();
  await passkeys.prepareEnrollment();
  const outcome = passkeys.enroll({ name: 'Phone', alsoSecondFactor: true });
  last().answer(ATTESTATION);
  expect(await outcome).toEqual({ __typename: 'PasskeyAdded' });
  expect(sent.at(-1)).toEqual({
    field: 'completePasskeyEnrollment',
    anonymous: false,
    input: {
      ceremonyToken: 'token-1',
      attestation: { id: 'credential', ...ATTESTATION.response },
      name: 'Phone',
      alsoSecondFactor: true,
    },
  });
});
