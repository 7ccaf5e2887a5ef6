import { Script } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { PROOF_PAGES } from '../../../dev/pages/proof-pages.ts';
import { PROOF_SCRIPT } from '../../../dev/pages/proof-script.ts';
import { FakeElement } from './fake-element.ts';

function open(path: string, search: string, answer: () => unknown) {
  const { title: _, explanation: __, button: ___, fields, ...data } = PROOF_PAGES[path] ?? {};
  const form = new FakeElement();
  form.button = new FakeElement();
  const names = [...(fields?.toString().matchAll(/<input [^>]*name="(\w+)"/g) ?? [])];
  const inputs = new Map(
    names.map(([, name = '']) => [name, Object.assign(new FakeElement(), { name })]),
  );
  form.inputs = [...inputs.values()];
  const type = (name: string, value: string) => Object.assign(inputs.get(name) ?? {}, { value });
  type('newPassword', 'correct horse');
  const preview = new FakeElement();
  const passwordNeeded = Object.assign(new FakeElement(), { hidden: true });
  const status = new FakeElement();
  const source = Object.assign(new FakeElement(), { textContent: JSON.stringify(data) });
  const requests: {
    url: string;
    body: { readonly query: string; readonly variables?: unknown };
  }[] = [];
  const kept = new Map<string, string>();
  new Script(PROOF_SCRIPT).runInNewContext({
    document: {
      getElementById: (id: string) => {
        if (id === 'data') return source;
        if (id === 'preview') return preview;
        return id === 'password-needed' ? passwordNeeded : (inputs.get(id) ?? null);
      },
      querySelector: (selector: string) => (selector === 'form' ? form : status),
      createElement: () => new FakeElement(),
    },
    location: { search },
    sessionStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    },
    URLSearchParams,
    fetch: async (url: string, init: { body: string }) => {
      requests.push({ url, body: JSON.parse(init.body) });
      return { json: async () => answer() };
    },
  });
  const press = () => form.listeners.get('submit')?.({ preventDefault: () => undefined });
  return { form, status, requests, press, type, passwordNeeded, preview, kept };
}

describe('the page that a link opens', () => {
  test.each(Object.keys(PROOF_PAGES))(
    'PR-3: %s sends no mutation until its button is pressed',
    async (path) => {
      const page = open(path, '?token=t-1', () => ({}));
      const mutations = () => page.requests.filter(({ body }) => /^mutation/.test(body.query));
      await new Promise(setImmediate);
      expect(mutations()).toEqual([]);
      await page.press();
      expect(mutations()).toHaveLength(1);
    },
  );

  test('it verifies the address and shows the tokens that GraphiQL needs', async () => {
    const page = open('/verify-email', '?token=t-1', () => ({
      data: { verifyEmail: { __typename: 'SignedIn', accessToken: 'a-1', refreshToken: 'r-1' } },
    }));
    await page.press();
    expect(page.requests[0]).toMatchObject({
      url: '/graphql',
      body: { variables: { input: { proof: { token: 't-1' } } } },
    });
    expect(page.status.className).toBe('good');
    expect(page.status.text).toContain('you are signed in');
    expect(page.status.text).toContain('"Authorization": "Bearer a-1"');
    expect(page.status.text).toContain('r-1');
    // P-14: GraphiQL is signed in if it is opened from this page.
    const kept = JSON.parse(page.kept.get('latchkey.kept') ?? '{}');
    expect(kept).toEqual({ accessToken: 'a-1', refreshToken: 'r-1' });
    expect(page.form.hidden).toBe(true);
  });

  test('it verifies the address with a pasted registration token', async () => {
    const page = open('/verify-email', '?token=t-1', () => ({}));
    page.type('registrationToken', 'lkp_1');
    await page.press();
    expect(page.requests[0]?.body.variables).toEqual({
      input: { proof: { token: 't-1' }, registrationToken: 'lkp_1' },
    });
  });

  test('PR-11: without a valid registration token it asks for a password, and sends it with the proof', async () => {
    const answers = [
      { __typename: 'PasswordNeeded', email: 'ada@example.com' },
      { __typename: 'SignedIn', accessToken: 'a-1' },
    ];
    const page = open('/verify-email', '?token=t-1', () => ({
      data: { verifyEmail: answers.shift() },
    }));
    expect(page.passwordNeeded.hidden).toBe(true);
    await page.press();
    expect(page.requests[0]?.body.variables).toEqual({ input: { proof: { token: 't-1' } } });
    expect(page.passwordNeeded.hidden).toBe(false);
    expect(page.form.hidden).toBe(false);
    expect(page.status.text).toContain('Choose a password');
    page.type('password', 'correct horse');
    await page.press();
    expect(page.requests[1]?.body.variables).toEqual({
      input: { proof: { token: 't-1' }, password: 'correct horse' },
    });
    expect(page.status.text).toContain('you are signed in');
    expect(page.form.hidden).toBe(true);
  });

  test('it resets the password, and shows why a password is too weak', async () => {
    const page = open('/reset-password', '?token=t-1', () => ({
      data: {
        resetPassword: {
          __typename: 'WeakPasswordError',
          message: 'Choose a different password.',
          reasons: ['COMMON'],
        },
      },
    }));
    await page.press();
    expect(page.requests[0]?.body.variables).toEqual({
      input: { proof: { token: 't-1' }, newPassword: 'correct horse' },
    });
    expect(page.status.className).toBe('bad');
    expect(page.status.text).toContain('Choose a different password.');
    expect(page.status.text).toContain('COMMON');
    expect(page.form.hidden).toBe(false);
    expect(page.form.button?.disabled).toBe(false);
  });

  test('it undoes a change with the token alone', async () => {
    const page = open('/undo-email-change', '?token=t-1', () => ({
      data: { undoEmailChange: { __typename: 'EmailChangeUndone' } },
    }));
    await page.press();
    expect(page.requests.at(-1)?.body.variables).toEqual({ input: { token: 't-1' } });
    expect(page.status.text).toContain('The change was undone');
  });

  test('PR-12, rule 7: it shows what will be undone and what will stay, and afterwards what was undone', async () => {
    const at = '2026-02-03T04:05:06.789Z';
    const google = { type: 'IDENTITY_LINKED', at, detail: 'Google' };
    const app = { type: 'MFA_ENABLED', at, detail: 'TOTP' };
    const answers: object[] = [
      {
        mailedToken: { email: 'ada@example.com', requestedAt: at, undoes: [google], stays: [app] },
      },
      {
        undoSecurityChange: {
          __typename: 'SecurityChangeUndone',
          undone: [google],
          restored: [app],
          stays: [],
        },
      },
    ];
    const page = open('/undo-security-change', '?token=t-1', () => ({ data: answers.shift() }));
    await new Promise(setImmediate);
    expect(page.preview.text).toContain('Mailed to ada@example.com');
    expect(page.preview.text).toContain(`Will be undone: IDENTITY_LINKED (Google), ${at}`);
    expect(page.preview.text).toContain(`will stay: MFA_ENABLED (TOTP), ${at}`);
    await page.press();
    expect(page.status.text).toContain(`Undone: IDENTITY_LINKED (Google), ${at}`);
    expect(page.status.text).toContain(`Restored: MFA_ENABLED (TOTP), ${at}`);
  });

  test('it reports an expired undo link', async () => {
    const page = open('/undo-security-change', '?token=t-1', () => ({
      data: { mailedToken: null },
    }));
    await new Promise(setImmediate);
    expect(page.preview.text).toContain('used');
  });

  test('it reports an expired link', async () => {
    const page = open('/confirm-email-change', '?token=t-1', () => ({
      data: { confirmEmailChange: { __typename: 'InvalidTokenError', message: 'It has expired.' } },
    }));
    await page.press();
    expect(page.status).toMatchObject({ className: 'bad' });
    expect(page.status.text).toBe('It has expired.');
  });

  test('it reports that the server does not answer, and the button can be pressed again', async () => {
    const page = open('/verify-email', '?token=t-1', () => {
      throw new Error('connection refused');
    });
    await page.press();
    expect(page.status.text).toContain('connection refused');
    expect(page.form.button?.disabled).toBe(false);
  });

  test('it reports a missing token', () => {
    const page = open('/verify-email', '', () => ({}));
    expect(page.form.hidden).toBe(true);
    expect(page.status.text).toContain('no token');
  });
});
