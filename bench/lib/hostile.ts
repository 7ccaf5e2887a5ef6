import { connect, type Socket } from 'node:net';

/** Requests that begin and never end (HT-5). */
export const SLOW = {
  'slow headers': ['POST /graphql HTTP/1.1\r\nhost: localhost\r\n', 'x-a: b\r\n'],
  'slow bodies': [
    'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n',
    'x',
  ],
} as const;

/** A client that sends a little each second and never finishes. It reconnects if it is cut off. */
export function openSlow(
  port: number,
  [head, drip]: (typeof SLOW)[keyof typeof SLOW],
): { close(): void } {
  let socket: Socket;
  let closed = false;
  const open = () => {
    socket = connect(port, '127.0.0.1', () => socket.write(head));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      setTimeout(() => {
        if (!closed) open();
      }, 100);
    });
    socket.resume();
  };
  open();
  const timer = setInterval(() => socket.write(drip), 1_000);
  return {
    close: () => {
      closed = true;
      clearInterval(timer);
      socket.destroy();
    },
  };
}

const PIECE = Buffer.alloc(65_536, 'x');
const PIECES = 320;
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

/** The two ways of announcing 20 MB. */
export const LARGE = {
  declared: [`${HEAD}content-length: ${PIECES * PIECE.length}\r\n\r\n`, PIECE],
  chunked: [
    `${HEAD}transfer-encoding: chunked\r\n\r\n`,
    Buffer.concat([Buffer.from('10000\r\n'), PIECE, Buffer.from('\r\n')]),
  ],
} as const;

/** Sends 20 MB as long as the server accepts them. Returns the first line of the response, or an empty text. */
export function sendLarge(
  port: number,
  [head, piece]: (typeof LARGE)[keyof typeof LARGE],
): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head);
      let left = PIECES;
      const more = () => {
        while (left > 0 && socket.writable) {
          left -= 1;
          if (!socket.write(piece)) return void socket.once('drain', more);
        }
      };
      more();
    });
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });
}
