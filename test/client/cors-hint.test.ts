import { afterEach, expect, test, vi } from 'vitest';
import { createTransport } from '../../client/src/transport.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The console messages when a page at `page` gets no response from `endpoint`, three times. */
async function saidBy(page: string | null, endpoint: string, failure = new TypeError('fetch')) {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  if (page) vi.stubGlobal('location', new URL(page));
  const transport = createTransport({ endpoint, fetch: () => Promise.reject(failure) });
  for (let time = 0; time < 3; time += 1) {
    await expect(transport({ query: '{ __typename }' })).rejects.toBe(failure);
  }
  return warn.mock.calls.flat();
}

const API = 'http://localhost:4000/graphql';

test('P-9: on a developer’s machine the console names the setting, once', async () => {
  const said = await saidBy('http://localhost:5173/sign-in', API);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('no answer from http://localhost:4000');
  expect(said[0]).toContain('CORS_ORIGINS=http://localhost:5173');
});

test.each([API, '/graphql'])(
  'P-1: for a sandboxed frame, no setting helps with %s',
  async (endpoint) => {
    vi.stubGlobal('origin', 'null');
    const said = await saidBy('http://localhost:5173/frame', endpoint);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('This frame has no origin');
    expect(said[0]).not.toContain('CORS_ORIGINS');
  },
);

test.each([
  ['a public site', 'https://app.example.com/', 'https://auth.example.com/graphql'],
  ['the same origin', 'http://localhost:5173/', '/graphql'],
  ['no page at all', null, API],
])('it says nothing for %s', async (_, page, endpoint) => {
  expect(await saidBy(page, endpoint)).toEqual([]);
});
