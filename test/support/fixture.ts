import { test as base } from 'vitest';
import { type ListeningOptions, startListening } from './listening.ts';
import { startServerWith } from './oauth.ts';
import { type ServerOptions, startTestServer, type TestServer } from './server.ts';

/** A value, or a function that is called once `beforeAll` has run. */
type Given<T extends object> = T | (() => T);

const given = <T extends object>(value: Given<T>): T =>
  typeof value === 'function' ? value() : value;

/**
 * `test` with one server for the whole file. Tests, and the hooks of this `test`, take it from their
 * context: `test('…', async ({ server }) => …)`, `test.beforeAll(async ({ server }) => …)`. The server
 * starts when the first of them asks for it, and is closed after the last test of the file.
 */
export const testWithServer = (options: Given<ServerOptions> = {}) =>
  testWith(() => startTestServer(given(options)));

/** The same with a server that listens on a port. */
export const testWithListening = (options: Given<ListeningOptions> = {}) =>
  testWith(() => startListening(given(options)));

/** The same with a server that people can sign in to through these providers. */
export const testWithProviders = (
  providers: Given<readonly object[]>,
  options: ServerOptions = {},
) => testWith(() => startServerWith(given(providers), options));

function testWith<Server extends TestServer>(start: () => Promise<Server>) {
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here that the server needs no other fixture
  return base.extend('server', { scope: 'file' }, async ({}, { onCleanup }) => {
    const server = await start();
    onCleanup(() => server.close());
    return server;
  });
}
