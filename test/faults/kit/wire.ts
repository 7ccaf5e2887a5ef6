import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createStatementReader, createWireReader, type WireMessage } from './wire-messages.ts';

/** One place between the server and Postgres: a statement not sent yet, or its answer withheld. */
type WireStep = {
  readonly side: 'before' | 'after';
  readonly statement: string;
};

/** What happens to bytes: they pass, later, or never: a cut sends no FIN and no RST either way, until it heals. */
export type WireMode =
  | { readonly kind: 'pass' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'cut' };

/**
 * A proxy that a server takes for its Postgres. The fault points of docs/requirements.md, section 3,
 * are here, between the processes; the server has none.
 */
export type Wire = {
  readonly url: string;
  mode: WireMode;
  /** Connections that the server holds now. */
  connections(): number;
  /**
   * Is shown each step from now on. On true that step never happens: the statement is not
   * forwarded, or its whole answer not delivered. Kill the server in it for a crash there.
   */
  watch(step: ((step: WireStep) => boolean) | null): void;
  close(): Promise<void>;
};

/** Opens it on a port of its own. */
export async function openWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let watcher: ((step: WireStep) => boolean) | null = null;
  const pipes = new Set<Pipe>();
  let mode: WireMode = { kind: 'pass' };
  const sees = (side: WireStep['side'], statement: string) =>
    statement !== '' && watcher?.({ side, statement }) === true;

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const toServer = openPipe(upstream);
    const toClient = openPipe(client);
    const reads = createWireReader({ startsBare: true });
    const answers = createWireReader({ startsBare: false });
    const textOf = createStatementReader();
    const running: string[] = [];
    let group: WireMessage[] = [];
    let held: Buffer[] = [];
    let broken = false;
    const pair = [toServer, toClient];
    sockets.add(client);
    for (const pipe of pair) pipes.add(pipe);

    const ask = (message: WireMessage) => {
      group.push(message);
      if (message.type !== '' && !ENDS_GROUP.has(message.type)) return;
      const statement = textOf(group);
      const bytes = Buffer.concat(group.map((part) => part.bytes));
      group = [];
      if (message.type === 'S' || message.type === 'Q') {
        if (sees('before', statement)) broken = true;
        running.push(statement);
      }
      if (!broken) toServer.write(bytes, mode);
    };
    const answer = ({ type, bytes }: WireMessage) => {
      held.push(bytes);
      // What a Flush asked for is waited for; the answer to a statement is whole with its Z.
      if (running.length > 0 && type !== 'Z') return;
      if (type === 'Z' && sees('after', running.shift() ?? '')) broken = true;
      const whole = Buffer.concat(held);
      held = [];
      if (!broken) toClient.write(whole, mode);
    };

    client.on('data', (chunk: Buffer) => reads(chunk).forEach(ask));
    upstream.on('data', (chunk: Buffer) => answers(chunk).forEach(answer));
    client.on('error', () => client.destroy());
    upstream.on('error', () => upstream.destroy());
    client.once('close', () => toServer.end(mode));
    upstream.once('close', () => {
      toClient.end(mode);
      for (const pipe of pair) pipes.delete(pipe);
    });
    client.once('close', () => sockets.delete(client));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  url.searchParams.set('sslmode', 'disable');
  return {
    url: url.href,
    get mode() {
      return mode;
    },
    set mode(wanted) {
      mode = wanted;
      if (mode.kind !== 'cut') for (const pipe of pipes) pipe.heal();
    },
    connections: () => sockets.size,
    watch: (step) => {
      watcher = step;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const pipe of pipes) pipe.heal();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One direction of a connection. */
type Pipe = {
  write(bytes: Buffer, mode: WireMode): void;
  end(mode: WireMode): void;
  heal(): void;
};

/** What is lost in a cut is sent again when it heals, ends too: so does TCP, for a quarter of an hour. */
function openPipe(to: Socket): Pipe {
  const lost: (() => void)[] = [];
  const put = (act: () => void, mode: WireMode) => {
    if (mode.kind === 'cut' || lost.length > 0) lost.push(act);
    else if (mode.kind === 'delay') setTimeout(act, mode.milliseconds);
    else act();
  };
  return {
    write: (bytes, mode) => put(() => void (to.writable && to.write(bytes)), mode),
    end: (mode) => put(() => void to.destroySoon(), mode),
    heal: () => {
      for (const act of lost.splice(0)) act();
    },
  };
}

/** Sync, Query, Flush, Terminate, a password, and the parts of a COPY. */
const ENDS_GROUP = new Set(['S', 'Q', 'H', 'X', 'p', 'd', 'c', 'f']);
