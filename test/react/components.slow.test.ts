import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Components, loadComponents, render } from '../../react/test/bundle.ts';
import { createWorkbench } from '../support/type-check.ts';

let components: Components;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ components, remove } = await loadComponents());
});
afterAll(() => remove());

const PAGES = ['signIn', 'signUp', 'forgotPassword', 'resetPassword', 'verifyEmail', 'account'];

describe('on a frontend’s server', () => {
  test('every page renders as its skeleton, and no text depends on a browser', () => {
    for (const [name, path] of Object.entries(components.DEFAULT_PATHS)) {
      const html = render(components, path, '?token=secret');
      expect(html, name).toContain('Loading');
      expect(html, name).not.toContain('secret');
      // A policy without 'unsafe-inline' forbids both.
      expect(html, name).not.toMatch(/<script|\sstyle=/);
    }
    expect(Object.keys(components.DEFAULT_PATHS)).toEqual(expect.arrayContaining(PAGES));
  });

  test('an address of no page shows the app’s own page, or says so', () => {
    expect(render(components, '/no-such-page')).toContain('Page not found');
    expect(render(components, '/account/no-such-page')).toContain('Page not found');
  });
});

describe('messages', () => {
  const text = (extra: string) => `
import { english, type Messages } from '../../react/src/index.ts';
const translation: Messages = { ...english, signIn: { ${extra} } };
export { translation };`;

  test('a translation that lacks a text does not compile, and a complete one does', async () => {
    const bench = await createWorkbench({
      jsx: 'react-jsx',
      lib: ['es2024', 'dom', 'dom.iterable'],
    });
    try {
      await bench.write('translation.ts', text(`...english.signIn, title: 'Anmelden'`));
      expect(await bench.compile()).toBe('');
      await bench.write('translation.ts', text(`title: 'Anmelden'`));
      expect(await bench.compile()).toContain('submit');
    } finally {
      await bench.remove();
    }
  }, 60_000);

  test('some texts can be replaced; the others stay', () => {
    const { createElement, renderToString, LatchkeyProvider, SignIn } = components;
    const html = (messages: object) =>
      renderToString(
        createElement(LatchkeyProvider, { endpoint: '/', messages }, createElement(SignIn)),
      );
    expect(html({})).toContain('Loading');
    expect(html({ common: { loading: 'Lädt' } })).toContain('Lädt');
  });
});

describe('the shared answers to queries', () => {
  const KEY = 'query';
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  test('two components that show the same send one request, and both see the answer', async () => {
    const queries = components.createQueries();
    const seen: unknown[] = [];
    let requests = 0;
    const ask = async () => {
      requests += 1;
      return 'answer';
    };
    for (const name of ['one', 'other']) {
      queries.subscribe(KEY, () => seen.push([name, queries.read(KEY).data]));
      queries.fetch(KEY, ask, { onlyIfUnknown: true });
    }
    await settled();
    expect(requests).toBe(1);
    expect(seen).toContainEqual(['one', 'answer']);
    expect(seen).toContainEqual(['other', 'answer']);
  });

  test('a change while a query is under way sends it again, so an old answer is not kept', async () => {
    const queries = components.createQueries();
    const answers = ['before the change', 'after it'];
    queries.subscribe(KEY, () => undefined);
    queries.fetch(KEY, async () => answers.shift());
    queries.noteOutcome({ __typename: 'SessionsRevoked' });
    await settled();
    expect(queries.read(KEY)).toEqual({ data: 'after it', error: undefined, isFetching: false });
  });

  test('a refused mutation changes nothing, so nothing is requested again', async () => {
    const queries = components.createQueries();
    let requests = 0;
    queries.subscribe(KEY, () => undefined);
    queries.fetch(KEY, async () => {
      requests += 1;
    });
    await settled();
    queries.noteOutcome({ __typename: 'RateLimitedError' });
    await settled();
    expect(requests).toBe(1);
    queries.noteOutcome({ __typename: 'ProfileUpdated' });
    await settled();
    expect(requests).toBe(2);
  });

  test('a failure keeps what is shown', async () => {
    const queries = components.createQueries();
    const outcomes = [async () => 'shown', () => Promise.reject(new Error('offline'))];
    queries.subscribe(KEY, () => undefined);
    for (const ask of outcomes) {
      queries.fetch(KEY, ask);
      await settled();
    }
    const { data, error, isFetching } = queries.read(KEY);
    expect({ data, isFetching }).toEqual({ data: 'shown', isFetching: false });
    expect(error).toEqual(new Error('offline'));
  });
});
