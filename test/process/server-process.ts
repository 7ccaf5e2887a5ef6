import { onTestFinished } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { type LaunchOptions, type ServerProcess, spawnServer } from './spawn.ts';

/** Starts `node src/main.ts`, or another command; it never outlives its test. */
export function launch(options: LaunchOptions): ServerProcess {
  const server = spawnServer(options);
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  return server;
}

/** The same of the bundle, with arguments of Node's before it. */
export async function launchBundle(
  env: Readonly<Record<string, string>>,
  ...nodeArguments: readonly string[]
): Promise<ServerProcess> {
  const cwd = await bundle();
  return launch({ env, cwd, command: [...nodeArguments, 'main.mjs'] });
}

/** What came back from /graphql; `data` is for the test to look into. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into the answer as the client wrote it
  readonly data: any;
};

/**
 * One operation over a real socket.
 *
 * @param headers beside the content type
 */
export async function post(
  url: string,
  query: string,
  variables: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data } = (await response.json()) as { data: unknown };
  return { status: response.status, headers: response.headers, data };
}
