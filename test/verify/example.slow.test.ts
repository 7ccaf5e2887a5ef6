import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/resource-server', import.meta.url));

const http = createServer();
let server: TestServer;
let person: Person;
let example: ReturnType<typeof spawn>;
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(http.address() as AddressInfo).port}`;
  server = await startTestServer({ env: { PUBLIC_URL: issuer } });
  // The example requests nothing but the keys.
  http.on('request', async ({ url }, outgoing) => {
    const answer = await server.app.fetch(new Request(`${issuer}${url}`));
    outgoing.writeHead(answer.status).end(await answer.text());
  });
  person = await signUp(server);
  const output: string[] = [];
  example = spawn(process.execPath, ['--conditions=@latchkey/source', 'src/main.ts'], {
    cwd: EXAMPLE,
    env: { ...process.env, ISSUER: issuer, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [example.stdout, example.stderr]) {
    stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  }
  url = await until(() => {
    if (example.exitCode !== null) throw new Error(output.join(''));
    return /http:\/\/localhost:\d+\/graphql/.exec(output.join(''))?.[0];
  }, 20_000);
});
afterAll(async () => {
  example?.kill();
  http.close();
  await server?.close();
});

async function ask(query: string, token?: string) {
  const response = await fetch(url.replace('localhost', '127.0.0.1'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

test('the example resource server identifies the person by the token of the real server', async () => {
  const { data } = await ask('{ myShelf { ownerId books { title } } }', person.accessToken);
  expect(data.myShelf.ownerId).toBe(person.userId);
});

test('and rejects the protected field without one, while the open field works', async () => {
  const refused = await ask('{ myShelf { ownerId } }');
  expect(refused.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  expect((await ask('{ books { title } }')).data.books).toHaveLength(2);
});
