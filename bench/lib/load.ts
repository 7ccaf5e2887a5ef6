import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Answer, parseAnswer } from './answer.ts';

/** One caller: its next request, and its check of the response. */
export type Caller = {
  next(): Buffer;
  /** @throws WrongAnswer if the response is not the one to be measured */
  read(answer: Answer): void;
  /** Milliseconds to wait before the next request; 0 if absent. */
  pause?(): number;
};

/** The response was a refusal or something else, which must not be measured. */
export class WrongAnswer extends Error {
  constructor(wanted: string, { status, body }: Answer) {
    super(`${wanted}, got ${status}: ${body.slice(0, 300)}`);
  }
}

/** The result of a run of callers. Latencies are milliseconds. */
export type Run = { readonly seconds: number; readonly latencies: readonly number[] };

/**
 * Each caller sends, waits for the response, checks it, and sends again: a closed loop. Every run opens its own
 * keep-alive connections, because the server may have closed idle ones. The loop does as little work as
 * possible, because it shares a core.
 */
export async function runLoad(
  port: number,
  callers: readonly Caller[],
  seconds: number,
): Promise<Run> {
  const sockets = await Promise.all(callers.map(() => connectTo(port)));
  const latencies: number[] = [];
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  try {
    await Promise.all(
      callers.map((caller, index) => loop(sockets[index], caller, until, latencies)),
    );
    return { seconds: (performance.now() - startedAt) / 1000, latencies };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** One request and its response, for preparations. */
export async function call(port: number, request: Buffer): Promise<Answer> {
  const socket = await connectTo(port);
  try {
    return await exchange(socket, request);
  } finally {
    socket.destroy();
  }
}

/** A request with a JSON body, or none. */
export function request(
  target: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown } = {},
): Buffer {
  const body = options.json === undefined ? '' : JSON.stringify(options.json);
  const headers = {
    host: 'localhost',
    ...(body && { 'content-type': 'application/json' }),
    ...(body && { 'content-length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${body ? 'POST' : 'GET'} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function loop(
  socket: Socket | undefined,
  caller: Caller,
  until: number,
  latencies: number[],
): Promise<void> {
  if (!socket) throw new TypeError('A caller without a socket.');
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      if (sentAt >= until) return finish(resolve);
      socket.write(caller.next());
    };
    const finish = (settle: () => void) => {
      socket.off('close', lost).off('error', lost);
      receive(socket, null);
      settle();
    };
    const lost = () => finish(() => reject(new Error('The server closed a connection.')));
    socket.on('close', lost).on('error', lost);
    receive(socket, (answer) => {
      latencies.push(performance.now() - sentAt);
      try {
        caller.read(answer);
      } catch (error) {
        return finish(() => reject(error));
      }
      const pause = caller.pause?.() ?? 0;
      if (pause > 0) setTimeout(send, pause);
      else send();
    });
    send();
  });
}

/** Passes on each complete response. One at a time: a caller sends only after it has read. */
function receive(socket: Socket, take: ((answer: Answer) => void) | null): void {
  socket.removeAllListeners('data');
  if (!take) return;
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const parsed = parseAnswer(received);
    if (!parsed) return;
    received = received.subarray(parsed.length);
    take(parsed.answer);
  });
}

function exchange(socket: Socket, bytes: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('close', () => reject(new Error('No answer.')));
    receive(socket, resolve);
    socket.write(bytes);
  });
}
