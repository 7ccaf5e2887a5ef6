import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConnectionLimits, connectionLimits } from '../../src/http/connections.ts';
import type { HttpRequest } from '../../src/http/exchange.ts';
import { createGraphiqlPage } from '../../src/http/graphiql.ts';
import { starterTabs } from '../../src/http/graphiql-tabs.ts';
import { createHttpServer, type Service } from '../../src/http/http-server.ts';
import {
  createBodyMemories,
  MAX_BODY_BYTES,
  MAX_BODY_PIECES,
  readBody,
} from '../../src/http/request-bodies.ts';
import { collectingLog, type LoggedLine } from '../support/server.ts';
import { until } from '../support/until.ts';

const POST = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

type Door = {
  readonly server: Server;
  readonly logged: readonly LoggedLine[];
  /** Connects, sends, and never ends its side of the connection. */
  open(bytes?: string | Buffer): Peer;
  /** The number of connections that the server keeps open. */
  count(): Promise<number>;
};

type Peer = { readonly socket: Socket; text(): string; isEnded(): boolean };

/** The listener alone. `handle` answers its requests, by default with their target. */
async function openDoor(
  limits: Partial<ConnectionLimits> = {},
  handle: Service['handle'] = async ({ target, body }) => ok(`${target} ${body.length}`),
): Promise<Door> {
  const logged: LoggedLine[] = [];
  const server = createHttpServer(
    { handle, takesBody: ({ target }) => target === '/graphql' },
    {
      mode: 'development',
      publicUrl: 'http://localhost:4000',
      keepAliveTimeout: 60_000,
      databasePoolSize: 10,
    },
    collectingLog(logged),
    limits,
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peers: Socket[] = [];
  onTestFinished(() => {
    for (const socket of peers) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    server,
    logged,
    count: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    open: (bytes) => {
      const received: Buffer[] = [];
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      peers.push(socket);
      socket.on('data', (chunk: Buffer) => received.push(chunk));
      socket.on('error', () => socket.destroy());
      if (bytes !== undefined) socket.write(bytes);
      return {
        socket,
        text: () => Buffer.concat(received).toString('latin1'),
        isEnded: () => socket.destroyed || socket.readableEnded,
      };
    },
  };
}

const ok = (body: string | Buffer) => ({ status: 200, headers: {}, body });
const answersIn = (text: string) => text.split('HTTP/1.1 ').length - 1;

describe('HT-5e: the memory of all bodies', () => {
  const half = `${POST}content-length: 60000\r\n\r\n${'x'.repeat(50_000)}`;
  const whole = `${POST}content-length: 20\r\n\r\n${'x'.repeat(20)}`;

  test('unfinished bodies are cut off, the oldest first; a client that sends its body at once is served', async () => {
    const door = await openDoor({ connections: 100, bodyMemory: 500_000 });
    const peers: Peer[] = [];
    for (let n = 0; n < 40; n += 1) {
      peers.push(door.open(half));
      await until(async () => (await door.count()) >= Math.min(n + 1, 5));
    }
    await until(async () => (await door.count()) <= 10);
    const isEnded = peers.map((peer) => peer.isEnded());
    expect(isEnded.filter((over) => !over).length).toBeGreaterThanOrEqual(5);
    expect(isEnded.lastIndexOf(true)).toBeLessThan(40 - 5);
    const honest = door.open(whole);
    await until(() => answersIn(honest.text()) === 1);
    expect(honest.text()).toContain('/graphql 20');
    expect(
      door.logged.filter(({ message }) => message === 'body memory limit reached'),
    ).toHaveLength(1);
  });

  test('a small body that arrives slowly is not cut off to make room for large bodies', async () => {
    const door = await openDoor({ connections: 100, bodyMemory: 500_000 });
    const slow = door.open(`${POST}content-length: 20\r\n\r\nxxxxxxxxxx`);
    await until(async () => (await door.count()) === 1);
    const peers = Array.from({ length: 30 }, () => door.open(half));
    await until(() => peers.filter((peer) => peer.isEnded()).length >= 15);
    slow.socket.write('xxxxxxxxxx');
    await until(() => answersIn(slow.text()) === 1);
    expect(slow.text()).toContain('/graphql 20');
  });

  test('if all bodies in memory are complete, a body within its share is served', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const door = await openDoor({ connections: 100, bodyMemory: 60_000 }, async ({ body }) => {
      if (body.length > 600) await promise;
      return ok(`served ${body.length}`);
    });
    const first = door.open(`${POST}content-length: 60000\r\n\r\n${'x'.repeat(60_000)}`);
    await until(async () => (await door.count()) === 1);
    const within = door.open(`${POST}content-length: 600\r\n\r\n${'x'.repeat(600)}`);
    await until(() => answersIn(within.text()) === 1);
    expect(within.text()).toContain('served 600');
    const beyond = door.open(`${POST}content-length: 601\r\n\r\n${'x'.repeat(601)}`);
    await until(() => answersIn(beyond.text()) === 1);
    expect(beyond.text()).toContain('HTTP/1.1 503 ');
    resolve();
    await until(() => first.text().includes('served 60000'));
  });

  test('if all bodies in memory are complete, a new large body gets 503, and its memory is released', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const door = await openDoor({ connections: 100, bodyMemory: 100_000 }, async ({ body }) => {
      await promise;
      return ok(`served ${body.length}`);
    });
    const large = `${POST}content-length: 60000\r\n\r\n${'x'.repeat(60_000)}`;
    const first = door.open(large);
    await until(async () => (await door.count()) === 1);
    const second = door.open(large);
    await until(() => second.text().includes('HTTP/1.1 503 '));
    resolve();
    await until(() => first.text().includes('served 60000'));
    for (let n = 0; n < 20; n += 1) {
      const next = door.open(large);
      await until(() => next.text().includes('served 60000'));
    }
  });
});

describe('HT-5a: bodies by their pieces', () => {
  const chunked = (pieces: number) =>
    `${POST}transfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(pieces)}0\r\n\r\n`;

  test('a body in the allowed number of pieces is read', async () => {
    const door = await openDoor();
    const peer = door.open(chunked(MAX_BODY_PIECES));
    await until(() => peer.text().includes(`/graphql ${MAX_BODY_PIECES}`));
  });

  test.each([
    ['to a route that takes a body', POST],
    ['to one that does not', POST.replace('/graphql', '/nothing')],
  ])('more than that end the connection, %s', async (_, head) => {
    const door = await openDoor();
    const bytes = chunked(MAX_BODY_BYTES).replace(POST, head);
    const peers = Array.from({ length: 20 }, () => door.open(bytes));
    await until(() => peers.every((peer) => peer.isEnded()));
    await until(async () => (await door.count()) === 0);
    for (const peer of peers) expect(peer.text()).not.toContain('/graphql 6');
  });

  test.each([1, 2, 7, 1_000, 1_460, 65_536])(
    'pieces of %i bytes take at most twice their total in memory',
    async (size) => {
      const incoming = Object.assign(new PassThrough({ highWaterMark: 2 ** 20 }), { headers: {} });
      const read = readBody(
        incoming as unknown as Parameters<typeof readBody>[0],
        createBodyMemories({ bodyMemory: 2 ** 20, connections: 1 }, collectingLog([])).add(
          () => undefined,
        ),
      );
      const pieces = Math.min(MAX_BODY_PIECES, Math.floor(MAX_BODY_BYTES / size));
      // Each piece is a slice of a larger buffer from the socket, as Node delivers it.
      for (let n = 0; n < pieces; n += 1) incoming.write(Buffer.alloc(65_536, n).subarray(0, size));
      incoming.end();
      const body = await read;
      if (typeof body === 'string') throw new TypeError(body);
      expect(body.length).toBe(pieces * size);
      expect(body[body.length - 1]).toBe((pieces - 1) % 256);
      expect(body.buffer.byteLength).toBeLessThanOrEqual(2 * body.length);
    },
  );

  test.each([
    ['an unknown path', 'POST /nothing HTTP/1.1\r\nhost: localhost\r\n'],
    ['a GET', 'GET /health HTTP/1.1\r\nhost: localhost\r\n'],
  ])('the answer does not wait for a body that nobody reads: %s', async (_, head) => {
    const door = await openDoor();
    const peer = door.open(`${head}content-length: 60000\r\nexpect: 100-continue\r\n\r\nx`);
    await until(() => answersIn(peer.text()) === 1, 1_000);
    expect(peer.text()).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close/i);
    await until(async () => (await door.count()) === 0);
  });

  test('a body that is read gets 100 Continue if the client waits for it', async () => {
    const door = await openDoor();
    const peer = door.open(`${POST}content-length: 2\r\nexpect: 100-continue\r\n\r\n`);
    await until(() => peer.text().startsWith('HTTP/1.1 100 Continue'));
    peer.socket.write('{}');
    await until(() => peer.text().includes('/graphql 2'));
  });

  test('a body that is too large by its Content-Length gets no 100 Continue', async () => {
    const door = await openDoor();
    const peer = door.open(`${POST}content-length: 65537\r\nexpect: 100-continue\r\n\r\n`);
    await until(() => peer.text().startsWith('HTTP/1.1 413 '), 1_000);
  });

  test('bytes after a body that was not read are not parsed as a request', async () => {
    const targets: string[] = [];
    const door = await openDoor({}, async ({ target }) => {
      targets.push(target);
      return ok('');
    });
    const smuggled = `GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    const head = `POST /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n`;
    const peer = door.open(`${head}x${smuggled}${smuggled}`);
    await until(() => peer.isEnded());
    expect(targets).toEqual(['/nothing']);
  });
});

describe('HT-5b: connections end', () => {
  test.each([
    ['garbage', '\x00\x01 garbage\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['another machine', 'GET / HTTP/1.1\r\nhost: rebind.example\r\n\r\n'],
    ['a body that is too large', `${POST}content-length: 70000\r\n\r\n`],
    ['half a head', 'POST /graphql HTTP/1.1\r\nhost: loc'],
    ['half a body', `${POST}content-length: 100\r\n\r\n{"query":`],
    ['nothing', undefined],
  ])('a client that never closes holds no descriptor: %s', async (_, bytes) => {
    const door = await openDoor({ linger: 50, headTime: 100, requestTime: 200 });
    const peers = Array.from({ length: 30 }, () => door.open(bytes));
    await until(() => peers.every(({ socket }) => !socket.connecting));
    await until(async () => (await door.count()) === 0, 10_000);
    for (const { socket } of peers) expect(socket.writableEnded).toBe(false);
  });

  test('silent connections are ended to make room; a client that sends its request at once is always answered', async () => {
    const door = await openDoor({ connections: 20 });
    const silent = [undefined, 'POST /gra', `${POST}content-length: 100\r\n\r\n{`, GET];
    for (let n = 0; n < 200; n += 1) {
      door.open(silent[n % silent.length]);
      if (n % 4 > 0) continue;
      const peer = door.open(GET);
      await until(() => peer.text().includes('200 OK') || peer.isEnded());
      expect(peer.text()).toContain('200 OK');
      expect(await door.count()).toBeLessThanOrEqual(20);
    }
    const reported = door.logged.filter(({ message }) => message === 'connection limit reached');
    expect(reported).toHaveLength(1);
  });

  test('a connection with a request under way is not ended to make room', async () => {
    const gates: (() => void)[] = [];
    const door = await openDoor({ connections: 5 }, async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return ok('done');
    });
    // A second, pipelined request does not mean that the server waits for the client.
    const working = Array.from({ length: 5 }, () => door.open(GET.repeat(2)));
    await until(() => gates.length === 5);
    const refused = door.open(GET);
    await until(() => refused.isEnded());
    for (const open of gates) open();
    await until(() => working.every((peer) => peer.text().includes('done')));
  });

  test('the limit of connections leaves descriptors for everything else', () => {
    const { connections } = connectionLimits(10);
    expect(connections).toBeGreaterThanOrEqual(50);
    expect(connections).toBeLessThanOrEqual(10_000);
    expect(connectionLimits(1_000_000).connections).toBe(50);
  });
});

describe('HT-5c: responses are read in time', () => {
  const PAGE = Buffer.alloc(8 * 2 ** 20, 'x');

  test('a client that does not read a large page is cut off, and a client that reads it is not', async () => {
    const door = await openDoor({ responseTime: 300 }, async () => ok(PAGE));
    const slow = Array.from({ length: 10 }, () => door.open(GET));
    for (const { socket } of slow) socket.pause();
    const reader = door.open(GET);
    await until(() => reader.text().length > PAGE.length);
    await until(async () => (await door.count()) === 1, 10_000);
    reader.socket.write(GET);
    await until(() => reader.text().length > 2 * PAGE.length);
  });

  test('every response with the GraphiQL page shares the same bytes', async () => {
    const page = createGraphiqlPage({ appName: 'Latchkey', path: '/graphql', tabs: starterTabs });
    const [first, second] = await Promise.all([page(), page()]);
    expect(second.body).toBe(first.body);
    expect((await page()).body).toBe(first.body);
  });
});

describe('HT-5d: requests in flight', () => {
  /** Answers one iteration of the event loop later, and counts the requests under way. */
  function counting() {
    const counts = { now: 0, most: 0, targets: [] as string[] };
    const handle = async ({ target }: HttpRequest) => {
      counts.now += 1;
      counts.most = Math.max(counts.most, counts.now);
      counts.targets.push(target);
      await new Promise((resolve) => setImmediate(resolve));
      counts.now -= 1;
      return ok(target);
    };
    return { counts, handle };
  }

  test('pipelined requests are served one by one and answered in order', async () => {
    const { counts, handle } = counting();
    const door = await openDoor({}, handle);
    const targets = Array.from({ length: 3_000 }, (_, n) => `/${n}`);
    const bytes = targets.map((one) => `GET ${one} HTTP/1.1\r\nhost: localhost\r\n\r\n`).join('');
    const peer = door.open(bytes);
    await until(() => answersIn(peer.text()) === targets.length, 20_000);
    expect(counts).toEqual({ now: 0, most: 1, targets });
  });

  test('pipelined requests with bodies are answered in order, however they fall into packets', async () => {
    const { counts, handle } = counting();
    const door = await openDoor({}, async (request) => {
      expect(request.body.toString()).toBe('{"query":"{ __typename }"}');
      return handle(request);
    });
    const one = `${POST}content-length: 26\r\n\r\n{"query":"{ __typename }"}`;
    const bytes = Buffer.from(one.repeat(500));
    const peer = door.open();
    for (let at = 0; at < bytes.length; at += 997) {
      peer.socket.write(bytes.subarray(at, at + 997));
      if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => answersIn(peer.text()) === 500, 20_000);
    expect(counts.most).toBe(1);
  });

  test('the socket is not read while requests wait', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const door = await openDoor({ pipelined: 50 }, async () => {
      begun += 1;
      await gate.promise;
      return ok('');
    });
    // One read of the socket has some eight requests. If reading went on, they would exceed the limit.
    const padded = GET.replace('\r\n\r\n', `\r\nx-padding: ${'x'.repeat(8_000)}\r\n\r\n`);
    const peer = door.open(padded.repeat(1_000));
    await until(() => begun === 1);
    for (let n = 0; n < 500; n += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(peer.isEnded()).toBe(false);
    expect(begun).toBe(1);
    gate.resolve();
    await until(() => answersIn(peer.text()) === 1_000, 20_000);
  });

  test('a connection whose pipelined requests exceed the limit of the process is ended', async () => {
    const { counts, handle } = counting();
    const door = await openDoor({ pipelined: 100 }, handle);
    const greedy = door.open(GET.repeat(2_000));
    await until(() => greedy.isEnded());
    const modest = door.open(GET.repeat(50));
    await until(() => answersIn(modest.text()) === 50);
    expect(counts.most).toBeLessThanOrEqual(2);
  });

  test('the process serves a limited number of requests at once; the others wait and are answered', async () => {
    const { counts, handle } = counting();
    const gate = Promise.withResolvers<void>();
    const door = await openDoor({ inFlight: 5 }, async (request) => {
      const answer = handle(request);
      await gate.promise;
      return answer;
    });
    const peers = Array.from({ length: 60 }, () => door.open(GET.repeat(5)));
    await until(async () => (await door.count()) === 60);
    await until(() => counts.targets.length === 5);
    for (let n = 0; n < 100; n += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(counts.targets).toHaveLength(5);
    gate.resolve();
    await until(() => peers.every((peer) => answersIn(peer.text()) === 5));
    expect(counts.targets).toHaveLength(300);
  });

  test('a client that disconnects makes room for the next', async () => {
    const { counts, handle } = counting();
    const door = await openDoor({ inFlight: 1, pipelined: 10 }, handle);
    for (let n = 0; n < 20; n += 1) {
      const peer = door.open(GET.repeat(5));
      await until(() => answersIn(peer.text()) > 0);
      peer.socket.destroy();
    }
    await until(async () => (await door.count()) === 0);
    const peer = door.open(GET.repeat(5));
    await until(() => answersIn(peer.text()) === 5);
    expect(counts.now).toBe(0);
  });
});
