import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What a sink does with the next command it reads. */
type SinkMode =
  | { readonly kind: 'accept' }
  /** Never says a word. */
  | { readonly kind: 'black-hole' }
  /** Answers `command` with this reply. */
  | {
      readonly kind: 'refuse';
      readonly command: 'EHLO' | 'MAIL' | 'RCPT' | 'BODY';
      readonly reply: string;
    }
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

/** What a sink offers beyond the plainest SMTP. */
type SinkOptions = {
  /** STARTTLS with this certificate; with `isImplicit` TLS from the first byte. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    readonly isImplicit?: boolean;
  };
  /** The mechanism it offers, and what it thinks of the initial response, decoded. */
  readonly auth?: { readonly mechanism: 'PLAIN' | 'XOAUTH2'; accepts(response: string): boolean };
};

/** An SMTP server on loopback that takes or refuses everything. */
export type SmtpSink = {
  readonly url: string;
  readonly mails: readonly SunkMail[];
  /** Every RCPT command that was read, accepted or not. */
  readonly recipients: readonly string[];
  /** How many connections were made. */
  readonly connections: number;
  /** What it was greeted with, each time. */
  readonly greetings: readonly string[];
  /** The initial responses of log-ins, decoded. */
  readonly logIns: readonly string[];
  /** For each mail, whether it came encrypted. */
  readonly encrypted: readonly boolean[];
  mode: SinkMode;
  /** Refuses connections until {@link SmtpSink.start}, on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

export async function createSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const recipients: string[] = [];
  const greetings: string[] = [];
  const logIns: string[] = [];
  const encrypted: boolean[] = [];
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  let connections = 0;

  const sink: SmtpSink = {
    get url() {
      return `${options.tls?.isImplicit ? 'smtps' : 'smtp'}://127.0.0.1:${port}`;
    },
    mails,
    recipients,
    get connections() {
      return connections;
    },
    greetings,
    logIns,
    encrypted,
    mode: { kind: 'accept' },
    async start() {
      const listening = createServer((socket) => {
        connections += 1;
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        // Some tests disconnect in the middle.
        socket.on('error', () => socket.destroy());
        const into = { mails, recipients, greetings, logIns, encrypted };
        const { tls } = options;
        converse(tls?.isImplicit ? encrypt(socket, tls) : socket, sink, { into, options });
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

function encrypt(socket: Socket, { certificate, key }: NonNullable<SinkOptions['tls']>): Socket {
  const secured = new TLSSocket(socket, { isServer: true, cert: certificate, key });
  // A client that does not trust the certificate is part of the tests.
  secured.on('error', () => socket.destroy());
  return secured;
}

const NOT_IN = '535 5.7.8 no';

type Records = {
  readonly mails: SunkMail[];
  readonly recipients: string[];
  readonly greetings: string[];
  readonly logIns: string[];
  readonly encrypted: boolean[];
};

function converse(
  socket: Socket,
  sink: SmtpSink,
  { into, options }: { readonly into: Records; readonly options: SinkOptions },
): void {
  let buffer = '';
  let body: string[] | null = null;
  let from = '';
  let to: string[] = [];
  let isFailing = false;
  let turn = Promise.resolve();

  const answer = async (reply: string): Promise<void> => {
    const { mode } = sink;
    if (mode.kind === 'black-hole') return;
    if (mode.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, mode.delay));
    if (!socket.destroyed) socket.write(`${reply}\r\n`);
  };

  const isEncrypted = socket instanceof TLSSocket;
  const extensions = (): readonly string[] => [
    ...(options.tls && !isEncrypted ? ['250-STARTTLS'] : []),
    ...(options.auth ? [`250-AUTH ${options.auth.mechanism}`] : []),
  ];

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
      if (!refused) {
        into.mails.push({ from, to, data });
        into.encrypted.push(isEncrypted);
      }
      return await answer(refused ?? '250 2.0.0 taken');
    }
    if (isFailing) {
      isFailing = false;
      return await answer(NOT_IN);
    }
    const [verb = ''] = line.toUpperCase().split(/[ :]/);
    if (verb === 'EHLO' || verb === 'HELO') {
      into.greetings.push(line.slice(verb.length + 1));
      return await answer(
        refusal('EHLO') ?? ['250-sink', ...extensions(), '250 HELP'].join('\r\n'),
      );
    }
    if (verb === 'STARTTLS' && options.tls) {
      await answer('220 2.0.0 go ahead');
      socket.removeAllListeners('data');
      converse(encrypt(socket, options.tls), sink, { into, options });
      return;
    }
    if (verb === 'AUTH' && options.auth) {
      const response = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
      into.logIns.push(response);
      if (options.auth.accepts(response)) return await answer('235 2.7.0 in');
      // The error is sent first, and the client answers with an empty line (XOAUTH2).
      isFailing = options.auth.mechanism === 'XOAUTH2';
      return await answer(isFailing ? '334 eyJzdGF0dXMiOiI0MDEifQ==' : NOT_IN);
    }
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

  const isUpgraded = isEncrypted && !options.tls?.isImplicit;
  if (!isUpgraded) turn = turn.then(() => answer('220 sink ESMTP'));
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    buffer += chunk;
    const lines = buffer.split('\r\n');
    buffer = lines.pop() ?? '';
    for (const line of lines) turn = turn.then(() => hear(line));
  });
}
