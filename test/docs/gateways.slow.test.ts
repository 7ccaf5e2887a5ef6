import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminToken, giveRole } from '../support/administrators.ts';
import { type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const AUDIENCE = 'https://api.example.com';

/** Serves the keys, as PUBLIC_URL says. */
const issuer = createServer();
let origin: string;
let server: TestServer;
let folder: string;
let examples: ReadonlyMap<string, string>;
/** A token of a person who is an author, and of one who is not. */
let author: Person;
let reader: Person;
const running: ChildProcess[] = [];

beforeAll(async () => {
  issuer.listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  origin = `http://127.0.0.1:${portOf(issuer)}`;
  server = await startTestServer({ env: { PUBLIC_URL: origin, ACCESS_TOKEN_AUDIENCE: AUDIENCE } });
  issuer.on('request', async ({ url = '' }, outgoing) => {
    const answer = await server.app.fetch(new Request(new URL(url, origin)));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(await answer.text());
  });
  reader = await signUp(server);
  author = await signUp(server);
  await giveRole(server, author, 'author');
  author = await signIn(server, author);
  folder = await mkdtemp(join(tmpdir(), 'gateways-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  examples = examplesOf(await readFile(join(ROOT, 'docs/gateways.md'), 'utf8'));
});
afterAll(async () => {
  for (const child of running) child.kill();
  issuer.closeAllConnections();
  issuer.close();
  await server.close();
  await rm(folder, { recursive: true });
});

/** The blocks of code that begin with the name of a file. */
function examplesOf(page: string): ReadonlyMap<string, string> {
  const blocks = page.matchAll(/^```js\n\/\/ (\S+\.mjs)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, name = '', code = '']) => [name, code]));
}

function portOf(listening: Server): number {
  const address = listening.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = portOf(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts an example of the page as it stands there. */
async function start(name: string): Promise<string> {
  const code = examples.get(name);
  if (code === undefined) throw new Error(`The page has no ${name}.`);
  await writeFile(join(folder, name), code);
  const port = await freePort();
  const { PATH } = process.env;
  const env = { PATH, ISSUER: origin, AUDIENCE, PORT: String(port) };
  const child = spawn(process.execPath, ['--conditions=@latchkey/source', name], {
    cwd: folder,
    env,
    stdio: 'inherit',
  });
  running.push(child);
  const url = `http://localhost:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`);
    return await fetch(url).then(
      () => true,
      () => false,
    );
  });
  return url;
}

const altered = (token: string) => `${token.slice(0, -6)}AAAAAA`;

test.each(['express.mjs', 'fastify.mjs'])(
  'TK-16: %s of the guide takes an author’s token and refuses the others',
  async (name) => {
    const url = await start(name);
    const get = async (token?: string) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(`${url}/drafts`, { headers });
      return { status: answer.status, body: await answer.json() };
    };
    expect(await get(author.accessToken)).toEqual({
      status: 200,
      body: { draftsOf: author.userId },
    });
    expect((await get(reader.accessToken)).status).toBe(403);
    expect((await get()).status).toBe(401);
    expect((await get(altered(author.accessToken))).status).toBe(401);
  },
);

test('TK-16: yoga.mjs of the guide takes an author’s token and refuses the others', async () => {
  const url = await start('yoga.mjs');
  const ask = async (token?: string) => {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: '{ drafts }' }),
    });
    const { data, errors } = await answer.json();
    return data?.drafts ?? errors[0].extensions.code;
  };
  expect(await ask(author.accessToken)).toBe(author.userId);
  expect(await ask(reader.accessToken)).toBe('FORBIDDEN');
  expect(await ask()).toBe('UNAUTHENTICATED');
  expect(await ask(altered(author.accessToken))).toBe('UNAUTHENTICATED');
});

const TAKE_ROLES = `mutation ($userId: ID!) {
  setRoles(input: { userId: $userId, roles: [], expected: ["author"] }) { __typename }
}`;

test('CL-4: express.mjs of the guide refuses an author with the token of the first refresh after the role was taken', async ({
  annotate,
}) => {
  const url = await start('express.mjs');
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const ask = async (accessToken: string) => {
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await fetch(`${url}/drafts`, { headers })).status;
  };
  const refreshed: number[] = [];
  const refused: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const person = await signUp(server);
    await giveRole(server, person, 'author');
    const { accessToken, refreshToken } = await refresh(server, person.refreshToken);
    expect(await ask(accessToken)).toBe(200);
    const { data } = await server.admin(TAKE_ROLES, { userId: person.userId }, { token });
    expect(data.setRoles).toEqual({ __typename: 'RolesSet' });
    const taken = performance.now();
    const next = await refresh(server, refreshToken);
    refreshed.push(performance.now() - taken);
    expect(await ask(next.accessToken)).toBe(403);
    refused.push(performance.now() - taken);
    // The service reads no database: the older token says what was true when it was issued.
    expect(await ask(accessToken)).toBe(200);
  }
  const range = (times: readonly number[]) =>
    `${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms`;
  await annotate(
    `a refreshed token after ${range(refreshed)}, its refusal after ${range(refused)}`,
  );
});
