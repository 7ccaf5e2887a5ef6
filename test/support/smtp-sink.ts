import { createServer, type Server, type Socket } from 'node:net';

/** What a sink does with the next command it reads. */
type SinkMode =
  | { readonly kind: 'accept' }
  /** Never says a word. */
  | { readonly kind: 'black-hole' }
  /** Answers `command` with this reply. */
  | { readonly kind: 'refuse'; readonly command: 'MAIL' | 'RCPT' | 'BODY'; readonly reply: string }
  /** Answers RCPT of one address with this reply. */
  | { readonly kind: 'refuse-recipient'; readonly recipient: string; readonly reply: string }
  /** Waits before each answer. */
  | { readonly kind: 'slow'; readonly delay: number };

/** A mail as it stood on the wire. */
type SunkMail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
};

/** An SMTP server on loopback that takes or refuses everything. */
export type SmtpSink = {
  readonly url: string;
  readonly mails: readonly SunkMail[];
  /** Every RCPT command that was read, accepted or not. */
  readonly recipients: readonly string[];
  /** How many connections were made. */
  readonly connections: number;
  mode: SinkMode;
  /** Refuses connections until {@link SmtpSink.start}, on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

export async function createSmtpSink(): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const recipients: string[] = [];
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  let connections = 0;

  const sink: SmtpSink = {
    get url() {
      return `smtp://127.0.0.1:${port}`;
    },
    mails,
    recipients,
    get connections() {
      return connections;
    },
    mode: { kind: 'accept' },
    async start() {
      const listening = createServer((socket) => {
        connections += 1;
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        // A client that hangs up in the middle is part of the tests.
        socket.on('error', () => socket.destroy());
        converse(socket, sink, { mails, recipients });
      });
      await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
      const address = listening.address();
      port = typeof address === 'object' && address ? address.port : 0;
      server = listening;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      const closing = server;
      server = null;
      if (closing) await new Promise((resolve) => closing.close(resolve));
    },
  };
  await sink.start();
  return sink;
}

function converse(
  socket: Socket,
  sink: SmtpSink,
  into: { readonly mails: SunkMail[]; readonly recipients: string[] },
): void {
  let buffer = '';
  let body: string[] | null = null;
  let from = '';
  let to: string[] = [];
  let turn = Promise.resolve();

  const answer = async (reply: string): Promise<void> => {
    const { mode } = sink;
    if (mode.kind === 'black-hole') return;
    if (mode.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, mode.delay));
    if (!socket.destroyed) socket.write(`${reply}\r\n`);
  };

  const refusal = (command: string): string | null =>
    sink.mode.kind === 'refuse' && sink.mode.command === command ? sink.mode.reply : null;

  const hear = async (line: string): Promise<void> => {
    if (body) {
      if (line !== '.') {
        body.push(line.replace(/^\./, ''));
        return;
      }
      const data = body.join('\r\n');
      body = null;
      const refused = refusal('BODY');
      if (!refused) into.mails.push({ from, to, data });
      return await answer(refused ?? '250 2.0.0 taken');
    }
    const [verb = ''] = line.toUpperCase().split(/[ :]/);
    if (verb === 'EHLO' || verb === 'HELO') return await answer('250 sink');
    if (verb === 'MAIL') {
      from = /<(.*?)>/.exec(line)?.[1] ?? '';
      to = [];
      return await answer(refusal('MAIL') ?? '250 2.1.0 ok');
    }
    if (verb === 'RCPT') {
      const recipient = /<(.*?)>/.exec(line)?.[1] ?? '';
      into.recipients.push(recipient);
      const { mode } = sink;
      const poisoned = mode.kind === 'refuse-recipient' && mode.recipient === recipient;
      const refused = poisoned ? mode.reply : refusal('RCPT');
      if (!refused) to.push(recipient);
      return await answer(refused ?? '250 2.1.5 ok');
    }
    if (verb === 'DATA') {
      body = [];
      return await answer('354 go ahead');
    }
    if (verb === 'QUIT') {
      await answer('221 bye');
      socket.end();
      return;
    }
    await answer(verb === 'RSET' || verb === 'NOOP' ? '250 ok' : '502 5.5.1 not here');
  };

  turn = turn.then(() => answer('220 sink ESMTP'));
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    buffer += chunk;
    const lines = buffer.split('\r\n');
    buffer = lines.pop() ?? '';
    for (const line of lines) turn = turn.then(() => hear(line));
  });
}
