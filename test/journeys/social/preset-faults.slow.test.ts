import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PRESET_NAMES, type PresetName } from '../../../src/settings/oauth-presets.ts';
import { createFakeClock } from '../../support/clock.ts';
import { type FakeProviders, startFakeProviders } from '../../support/fake-providers.ts';
import { complete, countRows } from '../../support/oauth.ts';
import { arriveWith, comeBack, startServerWithPresets } from '../../support/presets.ts';
import type { TestServer } from '../../support/server.ts';

/**
 * F-12 for every preset: whatever a provider's endpoint does, the sign-in fails within five seconds and leaves
 * nothing, and the next one works. All presets fail at once, so that a mode costs five seconds and not fifty.
 */

const clock = createFakeClock();
let fakes: FakeProviders;
let server: TestServer;
beforeAll(async () => {
  fakes = await startFakeProviders(clock);
  server = await startServerWithPresets(fakes, PRESET_NAMES, { clock });
});
afterAll(async () => {
  await server.close();
  fakes.close();
});
afterEach(() => {
  fakes.interference.clear();
  fakes.untrusted.clear();
});

const says =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
const slowly: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(drip));
};

const MODES: readonly (readonly [string, RequestListener, RegExp])[] = [
  ['hangs', () => undefined, /TIMEOUT|TimeoutError|ABORT/],
  ['answers without an end', slowly, /TIMEOUT|TimeoutError|ABORT/],
  ['answers 5 MB', says(200, `{"x":"${'x'.repeat(5_000_000)}"}`), /ANSWER_TOO_LARGE/],
  ['redirects', says(307, '', { location: 'http://127.0.0.1:9/' }), /REDIRECTED/],
  ['answers 500', says(500, '{}'), /./],
  ['answers with bad JSON', says(200, '{"access_token":'), /./],
  ['answers with a list', says(200, '[]'), /./],
  ['answers with null', says(200, 'null'), /./],
  ['answers with a page', says(200, '<p>', { 'content-type': 'text/html' }), /./],
  ['compresses its answer', says(200, 'x', { 'content-encoding': 'gzip' }), /ANSWER_ENCODED/],
  ['disconnects', (request) => request.socket.destroy(), /ECONNRESET/],
];

const tokenEndpoint = (name: PresetName) => fakes.all[name].definition.tokenEndpoint;
const profileEndpoints = (name: PresetName) =>
  Object.keys(fakes.all[name].definition.documents).map((url) => url.split('?')[0] ?? '');

/** All of these presets come back while their endpoints misbehave. */
async function failAll(names: readonly PresetName[], misbehave: () => void) {
  const begun = await Promise.all(names.map((name) => comeBack(server, fakes, name)));
  const before = await countRows(server);
  const logged = server.logged.length;
  misbehave();
  const startedAt = performance.now();
  const results = await Promise.all(begun.map((one) => complete(server, one)));
  const seconds = (performance.now() - startedAt) / 1000;
  expect(results.map(({ __typename }) => __typename)).toEqual(names.map(() => 'OAuthFailedError'));
  expect(seconds).toBeLessThan(7);
  expect(await countRows(server)).toEqual(before);
  return server.logged.slice(logged).filter(({ message }) => message === 'oauth failed');
}

describe.each(MODES)('O2-6, F-12: every provider whose endpoint %s', (_what, listener, code) => {
  test('the exchange ends with OAuthFailedError when the token endpoint fails', async () => {
    const failures = await failAll(PRESET_NAMES, () => {
      for (const name of PRESET_NAMES) fakes.interference.set(tokenEndpoint(name), listener);
    });
    expect(failures).toHaveLength(PRESET_NAMES.length);
    for (const failure of failures) expect(String(failure['code'])).toMatch(code);
  }, 30_000);

  test('the exchange ends with OAuthFailedError when the profile endpoint fails', async () => {
    const names = PRESET_NAMES.filter((name) => profileEndpoints(name).length > 0);
    expect(names).toEqual(['github', 'discord', 'facebook', 'linkedin', 'x']);
    const failures = await failAll(names, () => {
      for (const name of names) {
        for (const url of profileEndpoints(name)) fakes.interference.set(url, listener);
      }
    });
    expect(failures).toHaveLength(names.length);
  }, 30_000);
});

test('O2-6, F-12: a certificate that nobody trusts ends the exchange with every provider', async () => {
  const failures = await failAll(PRESET_NAMES, () => {
    for (const name of PRESET_NAMES) fakes.untrusted.add(tokenEndpoint(name));
  });
  for (const failure of failures) {
    expect(String(failure['code'])).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
  }
}, 30_000);

test('afterwards every provider works', async () => {
  for (const name of PRESET_NAMES) {
    const { __typename } = await arriveWith(server, fakes, name);
    expect(['SignedIn', 'OAuthFailedError']).toContain(__typename);
  }
  const failed = server.logged.filter(({ message }) => message === 'oauth failed').slice(-5);
  expect(failed.map(({ reason }) => reason)).toEqual([
    'email-not-verified',
    'email-not-verified',
    'email-not-verified',
    'email-not-verified',
    'no-email',
  ]);
}, 60_000);
