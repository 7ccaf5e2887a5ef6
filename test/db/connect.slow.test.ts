import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { connect } from '../../src/db/driver/connect.ts';
import { DatabaseError } from '../../src/db/errors.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { parseDatabaseUrl } from '../../src/kernel/database-url.ts';
import { createAuthority } from '../support/certificates.ts';
import { queryDatabase } from '../support/query-database.ts';
import { until } from '../support/until.ts';
import { type PrivatePostgres, startPrivatePostgres } from './private-postgres.ts';
import { memoryLog, rejection, timed } from './support.ts';

let server: PrivatePostgres;
let folder: string;
const authority = createAuthority('Our own authority');
const stranger = createAuthority('Somebody else');

/** Files that a URL can name. Each is `<name>.pem` in the folder. */
const client = authority.issue(['latchkey']);
const FILES: Readonly<Record<string, string>> = {
  root: authority.certificate,
  stranger: stranger.certificate,
  cert: client.certificate,
  key: client.key,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-'));
  await chmod(folder, 0o777);
  server = await startPrivatePostgres({
    listen_addresses: '127.0.0.1,::1',
    unix_socket_directories: folder,
  });
  for (const [name, text] of Object.entries(FILES)) await writeFile(fileOf(name), text);
  await serveTls(['localhost', 'db.example', '127.0.0.1']);
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

const fileOf = (name: string) => join(folder, `${name}.pem`);

/** Installs a certificate for these names in the running server. `null` turns TLS off. */
async function serveTls(
  names: readonly string[] | null,
  { expired = false, rules = 'host all all all scram-sha-256\nlocal all all scram-sha-256\n' } = {},
): Promise<void> {
  const { uid, gid } = await stat(server.dataDir);
  const issued = authority.issue(names ?? ['nobody'], { expired });
  const files = {
    'server.crt': issued.certificate,
    'server.key': issued.key,
    'root.crt': authority.certificate,
    'pg_hba.conf': rules,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(server.dataDir, name);
    await writeFile(path, text, { mode: 0o600 });
    await chown(path, uid, gid);
  }
  const admin = postgres(server.url, { max: 1, fetch_types: false });
  await admin.unsafe(`alter system set ssl = ${names ? 'on' : 'off'}`);
  await admin.unsafe(`alter system set ssl_ca_file = 'root.crt'`);
  const [{ loaded } = {}] = await admin`select pg_conf_load_time()::text as loaded`;
  await admin`select pg_reload_conf()`;
  await until(async () => {
    const [row] = await admin`select pg_conf_load_time()::text as loaded`;
    return row?.['loaded'] !== loaded;
  });
  await admin.end();
}

/** The server's URL with another host and other parameters. `FILE:x` stands for the path of a file. */
function urlOf(host: string, query = '', name = 'latchkey'): string {
  const { username, password, port } = new URL(server.url);
  const parameters = query.replace(/FILE:(\w+)/g, (_, file: string) => fileOf(file));
  return `postgres://${username}:${password}@${host.replace('PORT', port)}/${name}?${parameters}`;
}

type Session = { readonly ssl: boolean; readonly client: string | null; readonly via: string };

/** The facts of a session that is opened with the URL, or the code and the message of the failure. */
async function openBy(url: string): Promise<Session | string> {
  const db = createDatabase({ url, poolSize: 1, log: memoryLog() });
  try {
    const [row] = await queryDatabase<Session>(
      db,
      sql`
      select ssl, client_dn as client, coalesce(host(inet_client_addr()), 'socket') as via
      from pg_stat_ssl where pid = pg_backend_pid()`,
    );
    return row ?? 'no row';
  } catch (error) {
    const cause = error instanceof Error ? error.cause : error;
    return cause instanceof DatabaseError ? cause.message : String(error);
  } finally {
    await closeDatabase(db);
  }
}

const TLS = { ssl: true, client: null, via: '127.0.0.1' };
const PLAIN = { ssl: false, client: null, via: '127.0.0.1' };
const UNTRUSTED = /is not signed by a root that is trusted here.*sslrootcert/;
const OTHER_NAME = /the certificate of .* is for another name/;

test.each<[string, string, Session | RegExp]>([
  ['127.0.0.1:PORT', '', TLS],
  ['127.0.0.1:PORT', 'sslmode=disable', PLAIN],
  ['127.0.0.1:PORT', 'sslmode=allow', TLS],
  ['127.0.0.1:PORT', 'sslmode=prefer', TLS],
  ['127.0.0.1:PORT', 'sslmode=require', TLS],
  ['127.0.0.1:PORT', 'sslmode=require&channel_binding=require', TLS],
  ['127.0.0.1:PORT', 'sslmode=require&sslnegotiation=direct', TLS],
  ['127.0.0.1:PORT', 'sslmode=require&ssl_min_protocol_version=TLSv1.3', TLS],
  ['127.0.0.1:PORT', 'sslmode=verify-full', UNTRUSTED],
  ['127.0.0.1:PORT', 'sslmode=verify-full&sslrootcert=system', UNTRUSTED],
  ['127.0.0.1:PORT', 'sslmode=verify-full&sslrootcert=FILE:stranger', UNTRUSTED],
  ['127.0.0.1:PORT', 'sslmode=verify-ca&sslrootcert=FILE:stranger', UNTRUSTED],
  ['127.0.0.1:PORT', 'sslmode=require&sslrootcert=FILE:stranger', UNTRUSTED],
  ['127.0.0.1:PORT', 'sslmode=verify-full&sslrootcert=FILE:root', TLS],
  ['localhost:PORT', 'sslmode=verify-full&sslrootcert=FILE:root&hostaddr=127.0.0.1', TLS],
  [
    'db.example:PORT',
    'host=db.example&hostaddr=127.0.0.1&port=PORT&sslmode=verify-full&sslrootcert=FILE:root',
    TLS,
  ],
  [
    'other.example:PORT',
    'host=other.example&hostaddr=127.0.0.1&port=PORT&sslmode=verify-full&sslrootcert=FILE:root',
    OTHER_NAME,
  ],
  [
    'other.example:PORT',
    'host=other.example&hostaddr=127.0.0.1&port=PORT&sslmode=verify-ca&sslrootcert=FILE:root',
    TLS,
  ],
  ['[::1]:PORT', 'sslmode=verify-full&sslrootcert=FILE:root', OTHER_NAME],
  ['[::1]:PORT', 'sslmode=require', { ...TLS, via: '::1' }],
  ['', 'host=FOLDER&port=PORT&sslmode=verify-full', { ssl: false, client: null, via: 'socket' }],
  [
    '127.0.0.1:PORT',
    'sslmode=verify-full&sslrootcert=FILE:root&sslcert=FILE:cert&sslkey=FILE:key',
    { ...TLS, client: '/CN=latchkey' },
  ],
])('CF-8: TLS as libpq: %s ? %s', async (host, query, expected) => {
  const { port } = new URL(server.url);
  const url = urlOf(host, query.replace('PORT', port).replace('FOLDER', folder));
  const found = await openBy(url);
  if (expected instanceof RegExp) expect(found).toMatch(expected);
  else expect(found).toEqual(expected);
});

test('CF-8: for an IP address a certificate for localhost is refused, and one for the address is accepted', async () => {
  const query = 'sslmode=verify-full&sslrootcert=FILE:root';
  await serveTls(['localhost']);
  expect(await openBy(urlOf('127.0.0.1:PORT', query))).toMatch(OTHER_NAME);
  await serveTls(['127.0.0.1']);
  expect(await openBy(urlOf('127.0.0.1:PORT', query))).toEqual(TLS);
  await serveTls(['127.0.0.1'], { expired: true });
  expect(await openBy(urlOf('127.0.0.1:PORT', query))).toMatch(/is not valid today/);
  await serveTls(['localhost', 'db.example', '127.0.0.1']);
});

test('a server that requires a client certificate refuses a log-in without one, and the error says so', async () => {
  const rules =
    'hostssl all all all scram-sha-256 clientcert=verify-ca\nhostnossl all all all scram-sha-256\n';
  await serveTls(['127.0.0.1'], { rules });
  const withoutOne = await openBy(urlOf('127.0.0.1:PORT', 'sslmode=require'));
  expect(withoutOne).toMatch(/wants a client certificate \(sslcert, sslkey\).*28000/);
  const query = 'sslmode=require&sslcert=FILE:cert&sslkey=FILE:key';
  expect(await openBy(urlOf('127.0.0.1:PORT', query))).toMatchObject({ client: '/CN=latchkey' });
  await serveTls(['localhost', 'db.example', '127.0.0.1']);
});

test('a server without TLS is refused if TLS is required, and used without TLS otherwise', async () => {
  await serveTls(null);
  expect(await openBy(urlOf('127.0.0.1:PORT', 'sslmode=require'))).toMatch(
    /speaks no TLS.*ssl = on/,
  );
  expect(await openBy(urlOf('127.0.0.1:PORT', ''))).toEqual(PLAIN);
  await serveTls(['localhost', 'db.example', '127.0.0.1']);
});

test('a connection is abandoned if an attacker in the middle sends bytes before TLS', async () => {
  const port = await listenWith('SX');
  expect(await openBy(urlOf(`127.0.0.1:${port}`, 'sslmode=require'))).toMatch(
    /does not answer as Postgres does when it is asked for TLS/,
  );
});

test.each([
  ['', 'nope', /database nope does not exist/],
  ['sslmode=disable', 'nope', /database nope does not exist/],
  ['user=nobody', 'latchkey', /refuses user nobody: the password .* wrong or missing.*28P01/],
  ['password=wrong', 'latchkey', /refuses user latchkey: the password .* wrong or missing.*28P01/],
  ['options=-c%20nope=1', 'latchkey', /refuses a setting .* check options.*42704/],
])(
  'CF-8: the error of a refused log-in says what to do, also while migrating: %s %s',
  async (query, name, sentence) => {
    const url = urlOf('127.0.0.1:PORT', query, name);
    expect(await openBy(url)).toMatch(sentence);
    // With TLS this once ended the process: the socket below TLS had no error listener when it failed.
    for (const _ of [1, 2, 3]) {
      const error = await rejection(() =>
        migrateUp(url, { folder: MIGRATIONS_FOLDER, log: memoryLog() }),
      );
      expect(error).toMatchObject({ cause: { message: expect.stringMatching(sentence) } });
    }
  },
);

test.each([
  ['localhost:1', /nothing listens at localhost:1: start Postgres/],
  ['nowhere.invalid:5432', /host of nowhere.invalid:5432 has no address/],
])('an address where no Postgres is says what to do: %s', async (host, sentence) => {
  expect(await openBy(urlOf(host))).toMatch(sentence);
});

test('CF-8: each of several hosts has its own share of the time, and its own port', async () => {
  const silent = await listenWith(null);
  const hosts = `127.0.0.1:1,127.0.0.1:${silent},127.0.0.1:PORT`;
  const url = urlOf(hosts, 'target_session_attrs=read-write');
  const db = createDatabase({ url, poolSize: 1, log: memoryLog() });
  onTestFinished(() => closeDatabase(db));
  const first = await timed(() => queryDatabase(db, sql`select 1`));
  expect(first.error).toBeNull();
  expect(first.milliseconds).toBeGreaterThan(500);
  expect(first.milliseconds).toBeLessThan(1_900);
  // The host of the latest successful log-in is tried first.
  db.pool.renew();
  const second = await timed(() => queryDatabase(db, sql`select 1`));
  expect(second.error).toBeNull();
  expect(second.milliseconds).toBeLessThan(500);
});

test.each(['sslmode=disable', 'sslmode=require'])(
  'LO-7: a late error of a closed socket does not end the process: %s',
  async (query) => {
    const { hosts, tls } = parseDatabaseUrl(urlOf('127.0.0.1:PORT', query));
    const opened: Socket[] = [];
    const socket = await connect(hosts[0], tls, (one) => opened.push(one));
    onTestFinished(() => void socket.destroy());
    for (const one of opened) {
      one.removeAllListeners();
      expect(() => one.emit('error', new Error('write EBADF'))).not.toThrow();
    }
  },
);

test('a database name and an application name are used exactly as written', async () => {
  const admin = postgres(server.url, { max: 1, fetch_types: false });
  await admin.unsafe('create database "My DB"');
  await admin.end();
  const url = urlOf('127.0.0.1:PORT', 'application_name=auth%20one', 'My%20DB');
  const db = createDatabase({ url, poolSize: 1, log: memoryLog() });
  onTestFinished(() => closeDatabase(db));
  const rows = await queryDatabase(
    db,
    sql`select current_database() as name, current_setting('application_name') as application`,
  );
  expect(rows[0]).toEqual({ name: 'My DB', application: 'auth one' });
});

/** A server that answers every first message with these bytes, or does not answer. */
async function listenWith(answer: string | null): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const listener = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => answer !== null && socket.write(answer));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  return typeof address === 'object' && address ? address.port : 0;
}
