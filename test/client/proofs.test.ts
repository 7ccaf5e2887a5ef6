import { setImmediate as immediate } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SyncStorage } from '../../client/src/index.ts';
import {
  createEmailSignIns,
  createPasswordResets,
  createRegistrations,
  type MailProofs,
} from '../../client/src/proofs.ts';
import { createLocks, createStorage } from './tabs.ts';

const EMAIL = 'ada@example.com';
const DAY = 24 * 60 * 60_000;

afterEach(() => vi.unstubAllGlobals());

/** A browser whose tabs share a storage and locks. */
function createBrowser(options: { readonly locks?: boolean } = {}) {
  const storage = createStorage();
  const locks = options.locks === false ? null : createLocks();
  const clock = { now: Date.parse('2026-02-03T04:05:06.789Z') };
  const open = (create: typeof createRegistrations = createRegistrations): MailProofs =>
    create({ storage, locks, now: () => clock.now });
  const required = (registrationToken: string, email = EMAIL) => ({
    __typename: 'EmailVerificationRequired',
    email,
    registrationToken,
    expiresAt: new Date(clock.now + DAY).toISOString(),
  });
  return { storage, clock, open, required };
}

/** A function whose calls are answered on command, and counted while they wait. */
function createDesk<Answer>() {
  const waiting: { readonly token: string | null; answer(value: Answer): void; lose(): void }[] =
    [];
  const send = (token: string | null) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ token, answer: resolve, lose: () => reject(new TypeError('fetch failed')) });
    });
  return { waiting, send };
}

describe('PR-11, rule 1: the registrationToken', () => {
  test('is stored by address, for every tab, however the address was typed', async () => {
    const { open, required } = createBrowser();
    const tab = open();
    await tab.ask(' Ada@EXAMPLE.com', async () => required('lkp_1'));
    await tab.ask('bob@bücher.example', async () => required('lkp_2', 'bob@xn--bcher-kva.example'));
    const other = open();
    expect(other.tokenFor(EMAIL)).toBe('lkp_1');
    expect(other.tokenFor('ADA@example.com ')).toBe('lkp_1');
    expect(other.tokenFor('bob@bücher.example')).toBe('lkp_2');
    expect(other.tokenFor('bob@xn--bcher-kva.example')).toBe('lkp_2');
    expect(other.tokenFor('carol@example.com')).toBeNull();
  });

  test('is stored in localStorage, wherever the session is stored', () => {
    const storage = createStorage();
    vi.stubGlobal('localStorage', storage);
    const { required } = createBrowser();
    createRegistrations({ locks: null, now: () => 0 }).keep(required('lkp_1'));
    expect([...storage.items.keys()]).toEqual(['latchkey.registrationTokens']);
    expect(createRegistrations({ locks: null, now: () => 0 }).tokenFor(EMAIL)).toBe('lkp_1');
  });

  test.each([
    ['is missing', undefined],
    [
      'throws at every use, as where cookies are blocked',
      throwing('getItem', 'setItem', 'removeItem'),
    ],
    ['is full', throwing('setItem')],
  ])('stays in the tab where localStorage %s', (_fault, storage) => {
    vi.stubGlobal('localStorage', storage);
    const { required } = createBrowser();
    const tab = createRegistrations({ locks: null, now: () => 0 });
    tab.keep(required('lkp_1'));
    tab.keep(required('lkp_2'));
    expect(tab.tokenFor(EMAIL)).toBe('lkp_2');
  });

  test('stays in the tab if accessing localStorage throws, as in a sandboxed frame', () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
    Object.defineProperty(globalThis, 'localStorage', {
      configurable: true,
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
    try {
      const tab = createRegistrations({ locks: null, now: () => 0 });
      tab.keep(createBrowser().required('lkp_1'));
      expect(tab.tokenFor(EMAIL)).toBe('lkp_1');
    } finally {
      Reflect.deleteProperty(globalThis, 'localStorage');
      if (before) Object.defineProperty(globalThis, 'localStorage', before);
    }
  });

  test('is stored for as long as a registration is pending, which is longer than its mail’s link is valid', () => {
    const { open, required, clock } = createBrowser();
    const tab = open();
    tab.keep(required('lkp_1'));
    clock.now += 7 * DAY - 1;
    expect(tab.tokenFor(EMAIL)).toBe('lkp_1');
    clock.now += 1;
    expect(tab.tokenFor(EMAIL)).toBeNull();
  });

  test('stays valid with the mail that was sent again', async () => {
    const { open, required, clock } = createBrowser();
    const tab = open();
    tab.keep(required('lkp_1'));
    clock.now += 7 * DAY - 1;
    const expiresAt = new Date(clock.now + DAY).toISOString();
    await tab.ask(EMAIL, async (token) => {
      expect(token).toBe('lkp_1');
      return { __typename: 'EmailSent', email: EMAIL, expiresAt };
    });
    clock.now += DAY;
    expect(tab.tokenFor(EMAIL)).toBe('lkp_1');
  });

  test('is replaced by the one of a registration with another password', async () => {
    const { open, required } = createBrowser();
    const tab = open();
    tab.keep(required('lkp_1'));
    await tab.ask(EMAIL, async () => required('lkp_2'));
    expect(tab.tokenFor(EMAIL)).toBe('lkp_2');
  });

  test('is never read from foreign content of the storage', () => {
    const { open, storage } = createBrowser();
    for (const text of [
      '',
      '{',
      'null',
      '[null]',
      '[1]',
      '[{}]',
      '{"token":"a"}',
      '[{"token":1}]',
    ]) {
      storage.setItem('latchkey.registrationTokens', text);
      storage.setItem('latchkey.registrationToken.proofs', text);
      expect(open().tokenFor(EMAIL)).toBeNull();
    }
  });

  test('is stored for the twenty newest addresses', () => {
    const { open, required } = createBrowser();
    const tab = open();
    for (let count = 0; count < 30; count += 1) tab.keep(required('lkp', `p${count}@example.com`));
    expect(tab.tokenFor('p29@example.com')).toBe('lkp');
    expect(tab.tokenFor('p9@example.com')).toBeNull();
  });
});

describe.each([true, false])('PR-11, rule 2, with locks: %s', (locks) => {
  test('five clicks in two tabs are one registration: each waits for the token of the one before', async () => {
    const { open, required } = createBrowser({ locks });
    const first = open();
    // Without locks, a tab can only wait for itself.
    const tabs = locks ? [first, open()] : [first];
    const desk = createDesk<ReturnType<typeof required>>();
    const presses = Array.from({ length: 5 }, (_, index) =>
      tabs[index % tabs.length]?.ask(EMAIL, desk.send),
    );
    const seen: (string | null)[] = [];
    for (let press = 0; press < 5; press += 1) {
      await vi.waitUntil(() => desk.waiting.length === press + 1);
      await immediate();
      expect(desk.waiting).toHaveLength(press + 1);
      seen.push(desk.waiting[press]?.token ?? null);
      desk.waiting[press]?.answer(required('lkp_1'));
    }
    await Promise.all(presses);
    expect(seen).toEqual([null, 'lkp_1', 'lkp_1', 'lkp_1', 'lkp_1']);
  });

  test('a registration whose response was lost does not delay the next', async () => {
    const { open, required } = createBrowser({ locks });
    const tab = open();
    await expect(
      tab.ask(EMAIL, () => Promise.reject(new TypeError('fetch failed'))),
    ).rejects.toThrow();
    await tab.ask(EMAIL, async () => required('lkp_1'));
    expect(tab.tokenFor(EMAIL)).toBe('lkp_1');
  });
});

describe('PR-11, rule 3: a mailed proof', () => {
  const link = { token: 'lkt_link' };
  const signedIn = { __typename: 'SignedIn' };

  test('is sent with the token of its address: a code names the address, a link is tried with the newest token', async () => {
    const { open, required } = createBrowser();
    const tab = open();
    tab.keep(required('lkp_ada'));
    tab.keep(required('lkp_bob', 'bob@example.com'));
    const tokens: (string | null)[] = [];
    const send = async (token: string | null) => {
      tokens.push(token);
      return { __typename: 'InvalidTokenError' };
    };
    await tab.prove({ code: { email: 'Ada@example.com', code: '12345678' } }, send);
    await tab.prove({ code: { email: 'carol@example.com', code: '12345678' } }, send);
    await tab.prove(link, send);
    expect(tokens).toEqual(['lkp_ada', null, 'lkp_bob']);
  });

  test('of a link is sent again with the token of the address that PasswordNeeded names', async () => {
    const { open, required } = createBrowser();
    const tab = open();
    tab.keep(required('lkp_ada'));
    tab.keep(required('lkp_bob', 'bob@example.com'));
    const outcome = await tab.prove(link, async (token) =>
      token === 'lkp_ada' ? signedIn : { __typename: 'PasswordNeeded', email: EMAIL },
    );
    expect(outcome).toEqual(signedIn);
    expect(tab.tokenFor(EMAIL), 'used').toBeNull();
    expect(tab.tokenFor('bob@example.com')).toBe('lkp_bob');
  });

  test('with a typed password is sent without a token, and removes the token of its address', async () => {
    const { open, required } = createBrowser();
    const tab = open();
    tab.keep(required('lkp_old'));
    const needed = { __typename: 'PasswordNeeded', email: EMAIL };
    const sends: (string | null)[] = [];
    const first = await tab.prove(link, async (token) => {
      sends.push(token);
      return needed;
    });
    expect(first).toEqual(needed);
    const second = await tab.prove(
      link,
      async (token) => {
        sends.push(token);
        return signedIn;
      },
      EMAIL,
    );
    expect(second).toEqual(signedIn);
    expect(sends).toEqual(['lkp_old', null]);
    expect(tab.tokenFor(EMAIL)).toBeNull();
  });
});

describe('PR-11, rule 14: a mailed proof is sent once', () => {
  const link = { token: 'lkt_link' };
  const signedIn = { __typename: 'SignedIn' };

  test('by an effect that runs twice: both calls get the one result', async () => {
    const desk = createDesk<typeof signedIn>();
    const tab = createBrowser().open();
    const both = [tab.prove(link, desk.send), tab.prove(link, desk.send)];
    await vi.waitUntil(() => desk.waiting.length > 0);
    await immediate();
    expect(desk.waiting).toHaveLength(1);
    desk.waiting[0]?.answer(signedIn);
    expect(await Promise.all(both)).toEqual([signedIn, signedIn]);
  });

  test('by two tabs: the second waits and learns that the proof is used', async () => {
    const { open } = createBrowser();
    const desk = createDesk<typeof signedIn>();
    const both = [open().prove(link, desk.send), open().prove(link, desk.send)];
    await vi.waitUntil(() => desk.waiting.length > 0);
    await immediate();
    expect(desk.waiting).toHaveLength(1);
    desk.waiting[0]?.answer(signedIn);
    expect(await Promise.all(both)).toEqual([signedIn, { __typename: 'ProofUsed' }]);
    expect(desk.waiting).toHaveLength(1);
  });

  test('and if the response was lost, the next attempt says that the proof may have worked', async () => {
    const { open } = createBrowser();
    const lost = open().prove(link, () => Promise.reject(new TypeError('fetch failed')));
    await expect(lost).rejects.toThrow('fetch failed');
    const again = await open().prove(link, async () => ({ __typename: 'InvalidTokenError' }));
    expect(again).toEqual({ __typename: 'ProofUsed' });
  });

  test('or works if the first request had not arrived', async () => {
    const { open } = createBrowser();
    const tab = open();
    await expect(
      tab.prove(link, () => Promise.reject(new TypeError('fetch failed'))),
    ).rejects.toThrow();
    expect(await tab.prove(link, async () => signedIn)).toEqual(signedIn);
  });

  test.each(['PasswordNeeded', 'WeakPasswordError', 'RateLimitedError', 'InvalidInputError'])(
    'and again after %s, which does not use it up',
    async (kind) => {
      const tab = createBrowser().open();
      await tab.prove(link, async () => ({ __typename: kind }));
      expect(await tab.prove(link, async () => signedIn)).toEqual(signedIn);
    },
  );

  test('a link that was never valid is reported as invalid, however often it is opened', async () => {
    const tab = createBrowser().open();
    for (let press = 0; press < 3; press += 1) {
      const outcome = await tab.prove(link, async () => ({ __typename: 'InvalidTokenError' }));
      expect(outcome).toEqual({ __typename: 'InvalidTokenError' });
    }
  });

  test('and neither the link’s token nor a code stays in the storage', async () => {
    const { open, storage } = createBrowser();
    const tab = open();
    await tab.prove(link, async () => signedIn);
    await tab.prove({ code: { email: EMAIL, code: '98765432' } }, async () => signedIn);
    expect(JSON.stringify([...storage.items])).not.toMatch(/lkt_link|98765432/);
  });
});

describe('RL-3: the resetToken', () => {
  test('is stored beside the registrationToken, and is sent with the code of its address', async () => {
    const { open, required, clock } = createBrowser();
    const resets = open(createPasswordResets);
    open().keep(required('lkp_1'));
    const expiresAt = new Date(clock.now + DAY).toISOString();
    await resets.ask(EMAIL, async () => ({
      __typename: 'EmailSent',
      email: EMAIL,
      resetToken: 'lkq_1',
      expiresAt,
    }));
    expect(open(createPasswordResets).tokenFor(EMAIL)).toBe('lkq_1');
    expect(open().tokenFor(EMAIL)).toBe('lkp_1');
    await resets.prove({ code: { email: EMAIL, code: '12345678' } }, async (token) => {
      expect(token).toBe('lkq_1');
      return { __typename: 'PasswordChanged' };
    });
    expect(resets.tokenFor(EMAIL)).toBeNull();
    expect(open().tokenFor(EMAIL)).toBe('lkp_1');
  });
});

function throwing(...methods: readonly (keyof SyncStorage)[]): SyncStorage {
  const refuse = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  return { ...createStorage(), ...Object.fromEntries(methods.map((method) => [method, refuse])) };
}

describe('EL-1: the emailSignInToken', () => {
  const started = (emailSignInToken: string, email = EMAIL) => ({
    __typename: 'EmailSignInStarted',
    email,
    emailSignInToken,
  });

  test('is stored by address, apart from the other secrets, and sent with the code from any tab', async () => {
    const { open, required } = createBrowser();
    const signIns = open(createEmailSignIns);
    await signIns.ask(' Ada@EXAMPLE.com', async () => started('lke_1'));
    open().keep(required('lkg_1'));
    const other = open(createEmailSignIns);
    expect(other.tokenFor(EMAIL)).toBe('lke_1');
    const outcome = await other.prove(
      { code: { email: EMAIL, code: '12345678' } },
      async (token) => {
        expect(token).toBe('lke_1');
        return { __typename: 'SignedIn' };
      },
    );
    expect(outcome.__typename).toBe('SignedIn');
    expect(signIns.tokenFor(EMAIL)).toBeNull();
    expect(open().tokenFor(EMAIL)).toBe('lkg_1');
  });

  test('belongs to the newest mail of its address', async () => {
    const { open } = createBrowser();
    const signIns = open(createEmailSignIns);
    await signIns.ask(EMAIL, async () => started('lke_1'));
    await signIns.ask(EMAIL, async () => started('lke_2'));
    expect(signIns.tokenFor(EMAIL)).toBe('lke_2');
  });

  test('of another address stays where a link signs in', async () => {
    const { open } = createBrowser();
    const signIns = open(createEmailSignIns);
    const bob = 'bob@example.com';
    await signIns.ask(EMAIL, async () => started('lke_1'));
    await signIns.ask(bob, async () => started('lke_2', bob));
    const link = { token: 'the token of the link' };
    await signIns.prove(link, async () => ({ __typename: 'SignedIn' }), EMAIL);
    expect(signIns.tokenFor(EMAIL)).toBeNull();
    expect(signIns.tokenFor(bob)).toBe('lke_2');
    // A second press, or another tab, does not send the link again.
    const again = await signIns.prove(link, async () => expect.unreachable(), EMAIL);
    expect(again.__typename).toBe('ProofUsed');
  });
});
