import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { type Odd, VIEWER } from './odd-requests.ts';

/** Two servers that have to look like one. */
export type Twins = {
  readonly fast: ListeningServer;
  readonly slow: ListeningServer;
  readonly databaseUrl: string;
  close(): Promise<void>;
};

/**
 * Two servers on one database with one set of keys: one answers plain operations in its fast lane,
 * the other leaves everything to Yoga. From outside they have to be one (GQ-1).
 */
export async function startTwins(env: Readonly<Record<string, string>> = {}): Promise<Twins> {
  const database = await createTestDatabase();
  const keys = { SECRET_KEYS: randomBytes(32).toString('base64'), ...env };
  const fast = await startListening({ database, env: keys });
  const slow = await startListening({ database, env: keys, fastLane: false });
  return {
    fast,
    slow,
    databaseUrl: database.url,
    close: async () => {
      await slow.app.close();
      await fast.close();
    },
  };
}

/** The request as bytes, whatever it is; the connection ends with the answer. */
function bytesOf({ method = 'POST', target = '/graphql', headers = {}, lines = [], body }: Odd) {
  const content = Buffer.from(body ?? VIEWER);
  const all = {
    host: 'localhost',
    connection: 'close',
    'x-request-id': 'parity-request-1',
    'content-type': 'application/json',
    'content-length': String(content.length),
    ...headers,
  };
  const head = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${target} HTTP/1.1`, ...head, ...lines, '', ''].join('\r\n');
  return [Buffer.concat([Buffer.from(text, 'latin1'), content])];
}

/** An answer as a whole, but for the moment it was given. */
export async function answerOf(server: ListeningServer, odd: Odd) {
  const answer = (await server.raw(bytesOf(odd))).replace('HTTP/1.1 100 Continue\r\n\r\n', '');
  const [head = '', ...body] = answer.split('\r\n\r\n');
  const [status, ...headers] = head.split('\r\n');
  const told = headers.filter((line) => !line.toLowerCase().startsWith('date:'));
  return { status, headers: told.toSorted(), body: body.join('\r\n\r\n') };
}

/** Asks both twice: the second time the document is known, and the fast lane may take it. */
export async function expectAlike(odd: Odd, { fast, slow }: Pick<Twins, 'fast' | 'slow'>) {
  for (let time = 0; time < 2; time += 1) {
    const yoga = await answerOf(slow, odd);
    expect(yoga.status).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(await answerOf(fast, odd)).toEqual(yoga);
  }
}
