import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { login, viewer } from '../../client/src/generated/operations.ts';
import { createSession, createTransport } from '../../client/src/index.ts';
import { type Account, signUpElsewhere } from '../browser/support/people.ts';
import { type RealServer, startRealServer } from '../browser/support/real-server.ts';
import { bundleWorker, installPackedClient } from './packed-client.ts';
import type { Rendered, Step } from './worker.ts';
import { type Engine, startWorkerd } from './workerd.ts';

/**
 * The packed client and its helper for a frontend's server, in engines that are not a browser's: one
 * bundle, signed in, refreshed, asked who it is and signed out against a server of its own (P-1, P-3).
 */

const FRONTEND = 'https://app.example.com';

let folder: string;
let server: RealServer;
let cookieServer: RealServer;
let module: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-environments-'));
  await installPackedClient(folder);
  server = await startRealServer();
  const settings = { REFRESH_COOKIE: 'true', APP_URL: FRONTEND };
  cookieServer = await startRealServer(async () => settings);
  module = await bundleWorker(folder, { server: server.url, cookieServer: cookieServer.url });
});
afterAll(async () => {
  await cookieServer?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

const ENGINES = {
  'this year’s Workers': () => startWorkerd(module, '2026-11-01'),
  'Workers of three years ago': () => startWorkerd(module, '2023-11-01'),
  Node: startNode,
} satisfies Readonly<Record<string, () => Promise<Engine>>>;

describe.each(Object.entries(ENGINES))('%s', (_name, start) => {
  let engine: Engine;
  const done: string[] = [];
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => {
    await engine?.close();
    process.stdout.write(
      `${engine?.name ?? 'not started'}: ${done.join(', ') || 'nothing works'}\n`,
    );
  });

  test('P-1: the client signs in, refreshes with rotation, is known, signs out', async () => {
    const account = await signUpElsewhere(server);
    const began = performance.now();
    const signedIn = await take(engine, 'sign-in', account);
    expect(signedIn).toMatchObject({ result: 'SignedIn', status: 'signed-in' });
    const refreshed = await take(engine, 'refresh');
    expect(refreshed.result).toBe(refreshed.accessToken);
    expect(refreshed.accessToken).toEqual(expect.any(String));
    expect(refreshed.accessToken).not.toBe(signedIn.accessToken);
    expect(refreshed.refreshToken).toEqual(expect.any(String));
    expect(refreshed.refreshToken).not.toBe(signedIn.refreshToken);
    expect((await take(engine, 'who')).result).toBe(account.email);
    expect(await take(engine, 'sign-out')).toEqual({
      result: { revoked: true },
      status: 'signed-out',
      accessToken: null,
      refreshToken: null,
    });
    const { data } = await server.post(viewer, {}, refreshed.accessToken ?? '');
    expect(data.viewer).toBeNull();
    done.push(`client ${elapsed(began)}`);
  });

  test('P-3: the helper signs in, renders, refreshes with rotation, signs out', async () => {
    const account = await signUpElsewhere(cookieServer);
    const began = performance.now();
    const browser = browse(engine);
    expect(await browser.page()).toBeNull();
    const session = createSession({
      transport: createTransport({
        endpoint: `${FRONTEND}/api/auth`,
        cookie: true,
        fetch: browser.post,
      }),
      storage: 'cookie',
      locks: null,
      channel: null,
    });
    const outcome = await session.execute(login, { input: account });
    if (outcome.__typename !== 'SignedIn') expect.fail(outcome.__typename);
    session.signIn(outcome);
    expect(await browser.page()).toBe(account.email);

    const { cookies } = browser;
    const [refreshToken, accessToken] = [cookies.get(REFRESH), cookies.get(ACCESS)];
    cookies.delete(ACCESS);
    expect(await browser.page()).toBe(account.email);
    expect(cookies.get(REFRESH)).toEqual(expect.any(String));
    expect(cookies.get(REFRESH)).not.toBe(refreshToken);
    expect(cookies.get(ACCESS)).toEqual(expect.any(String));
    expect(cookies.get(ACCESS)).not.toBe(accessToken);

    const last = cookies.get(REFRESH) ?? '';
    expect(await session.signOut()).toEqual({ revoked: true });
    expect([cookies.has(REFRESH), cookies.has(ACCESS)]).toEqual([false, false]);
    expect(await browser.page()).toBeNull();
    // A cookie of an ended session is sent once, and the response removes it (P-5).
    cookies.set(REFRESH, last);
    expect(await browser.page()).toBeNull();
    expect(cookies.has(REFRESH)).toBe(false);
    done.push(`helper ${elapsed(began)}`);
  });
});

const REFRESH = '__Host-latchkey_refresh';
const ACCESS = '__Host-latchkey_access';

async function take(engine: Engine, name: string, input: Account | null = null): Promise<Step> {
  const response = await engine.fetch(`/${name}`, { method: 'POST', body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Step;
}

/** One person's browser before the frontend that the engine serves. */
function browse(engine: Engine) {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
    const response = await engine.fetch(path, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    return response;
  };
  return {
    cookies,
    /** The person that a page was rendered for. */
    page: async () => ((await (await ask('/page')).json()) as Rendered).email,
    post: async (_input: string | URL | Request, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set('sec-fetch-site', 'same-origin');
      return await ask('/api/auth', { ...init, headers });
    },
  };
}

/** The same bundle in Node, without a process around it. */
async function startNode(): Promise<Engine> {
  const { default: worker } = (await import(
    pathToFileURL(module).href
  )) as typeof import('./worker.ts');
  return {
    name: `Node ${process.version}`,
    fetch: (path, init) => worker.fetch(new Request(`${FRONTEND}${path}`, init)),
    close: async () => undefined,
  };
}

function elapsed(began: number): string {
  return `${(performance.now() - began).toFixed(0)} ms`;
}
