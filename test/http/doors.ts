import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { createTestDatabase } from '../support/postgres.ts';

/** Two servers that must look like one from outside. */
export type Doors = {
  /** Answers well-formed operations by the direct path. */
  readonly direct: ListeningServer;
  /** Leaves every operation to Yoga. */
  readonly yoga: ListeningServer;
  readonly databaseUrl: string;
  close(): Promise<void>;
};

/** A request. Only its differences from the usual one are given. */
export type Odd = {
  readonly method?: string;
  readonly target?: string;
  /** Replaces the usual headers; an empty value removes one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Header lines beside them, word for word. */
  readonly lines?: readonly string[];
  readonly body?: string | Buffer;
};

export const VIEWER = '{"query":"{ viewer { user { id email } session { id } } }"}';

/** Starts both servers on one database with one set of keys (GQ-1). */
export async function startDoors(env: Readonly<Record<string, string>> = {}): Promise<Doors> {
  const database = await createTestDatabase();
  const keys = { SECRET_KEYS: randomBytes(32).toString('base64'), ...env };
  const direct = await startListening({ database, env: keys });
  const yoga = await startListening({ database, env: keys, directPath: false });
  return {
    direct,
    yoga,
    databaseUrl: database.url,
    close: async () => {
      await yoga.app.close();
      await direct.close();
    },
  };
}

/** The request as bytes. The connection ends with the response. */
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

/** A whole response, without the moment it was sent. */
export async function responseOf(server: ListeningServer, odd: Odd) {
  const response = (await server.raw(bytesOf(odd))).replace('HTTP/1.1 100 Continue\r\n\r\n', '');
  const [head = '', ...body] = response.split('\r\n\r\n');
  const [status, ...headers] = head.split('\r\n');
  const shown = headers.filter((line) => !line.toLowerCase().startsWith('date:'));
  return { status, headers: shown.toSorted(), body: body.join('\r\n\r\n') };
}

/** Sends a request through both doors, twice: the second time its document is known. */
export async function expectAlike(odd: Odd, { direct, yoga }: Pick<Doors, 'direct' | 'yoga'>) {
  for (let time = 0; time < 2; time += 1) {
    const expected = await responseOf(yoga, odd);
    expect(expected.status).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(await responseOf(direct, odd)).toEqual(expected);
  }
}
