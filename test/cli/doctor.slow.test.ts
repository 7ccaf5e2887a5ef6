import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { describeProtection } from '../../src/cli/doctor/database.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { examine } from '../../src/cli/doctor.ts';
import { loadConfig } from '../../src/config.ts';
import { migrateDown, migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { PRODUCTION } from '../config/environments.ts';
import {
  type PrivatePostgres,
  startPrivatePostgres,
  startStandby,
} from '../db/private-postgres.ts';
import { createAuthority } from '../support/certificates.ts';
import { latchkey, rowsOf } from '../support/latchkey.ts';
import { createTestDatabase, databaseUrl, runOnServer } from '../support/postgres.ts';
import { SILENT } from '../support/silent-log.ts';
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'hT7vQ2mXw9';
const MAIL_PASSWORD = 'Wd83nfLq';
const OTHER_SECRET = 'Zk9w3mB1yq7T4xVhR2uLc8Jd6Ns0PfGaE5iOoXbKtQY=';
const GRANTS = new URL('../../docs/operating/database-role.sql', import.meta.url);

type Environment = Readonly<Record<string, string>>;

/** A deployment with which nothing is wrong, each on a database of its own. */
type Deployment = {
  readonly env: Environment;
  /** The tables' owner, on the server's database. */
  readonly owner: postgres.Sql;
  readonly role: string;
  readonly name: string;
};

let folder: string;
let sink: SmtpSink;
let refusing: Server;
let own: PrivatePostgres;
const undone: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-doctor-'));
  await chmod(folder, 0o755);
  sink = await createSmtpSink();
  refusing = await refusingMailServer();
  own = await startPrivatePostgres({ wal_level: 'replica' });
  await migrateUp(own.url, { folder: MIGRATIONS_FOLDER, log: SILENT });
  await serveTls(own);
});
afterAll(async () => {
  for (const undo of undone.toReversed()) await undo();
  await sink.stop();
  refusing.close();
  await own.remove();
  await rm(folder, { recursive: true });
});

async function deploy(words: string | null = null): Promise<Deployment> {
  const { url } = words === null ? await migratedDatabase() : await databaseWith(words);
  const owner = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  const role = `server_${randomBytes(6).toString('hex')}`;
  await owner.unsafe(`create role ${role} login password '${PASSWORD}'`);
  if (words === null) {
    await owner.unsafe((await readFile(GRANTS, 'utf8')).replaceAll(":'role'", `'${role}'`));
  }
  undone.push(async () => {
    await owner.unsafe(`drop owned by ${role}; drop role ${role}`);
    await owner.end();
  });
  const asServer = new URL(url);
  asServer.username = role;
  asServer.password = PASSWORD;
  return {
    env: {
      ...PRODUCTION,
      APP_URL: 'https://app.example.com',
      TRUSTED_PROXY_HOPS: '1',
      SMTP_URL: sink.url,
      DATABASE_URL: asServer.href,
    },
    owner,
    role,
    name: asServer.pathname.slice(1),
  };
}

async function migratedDatabase() {
  const database = await createTestDatabase('direct');
  undone.push(database.drop);
  return database;
}

async function databaseWith(words: string) {
  const server = inject('postgresServerUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runOnServer(server, `create database ${name} ${words}`);
  undone.push(() => runOnServer(server, `drop database if exists ${name} with (force)`));
  return { url: databaseUrl(server, name) };
}

/** Takes AUTH and refuses it, as for a wrong password. */
async function refusingMailServer(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('220 strict ESMTP\r\n');
    socket.setEncoding('utf8').on('data', (line: string) => {
      const answers = {
        EHLO: '250-strict\r\n250 AUTH PLAIN',
        AUTH: '535 5.7.8 no',
        QUIT: '221 bye',
      };
      const verb = line.slice(0, 4).toUpperCase();
      socket.write(`${Object.entries(answers).find(([one]) => one === verb)?.[1] ?? '502 no'}\r\n`);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const portOf = (server: Server) => {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

async function serveTls({ dataDir, url }: PrivatePostgres): Promise<void> {
  const { uid, gid } = await stat(dataDir);
  const authority = createAuthority('doctor');
  const { certificate, key } = authority.issue(['127.0.0.1']);
  await writeFile(join(folder, 'root.pem'), authority.certificate);
  for (const [file, text] of Object.entries({ 'server.crt': certificate, 'server.key': key })) {
    await writeFile(join(dataDir, file), text, { mode: 0o600 });
    await chown(join(dataDir, file), uid, gid);
  }
  const admin = postgres(url, { max: 1, fetch_types: false });
  await admin.unsafe('alter system set ssl = on');
  await admin`select pg_reload_conf()`;
  await until(async () => (await admin`show ssl`)[0]?.['ssl'] === 'on');
  await admin.end();
}

/** What `latchkey doctor --json` says, and what it says to people. */
async function examined(env: Environment, now: () => number = Date.now) {
  const terminal = { err: () => undefined, environment: () => env, config: () => loadConfig(env) };
  const { rows, lines, exitCode = 0 } = await examine(terminal, now);
  return { findings: rows as readonly Finding[], text: lines.join('\n'), exitCode };
}

type Broken = {
  readonly name: string;
  readonly level: 'warn' | 'wrong';
  readonly check: string;
  readonly says: RegExp;
  /** What else the same fault makes wrong. */
  readonly alsoWrong?: readonly string[];
  /** @returns its environment, and the time of this machine where that is the fault */
  readonly make: () => Promise<Environment>;
  readonly now?: () => number;
};

const BROKEN: readonly Broken[] = [
  {
    name: 'a secret is missing',
    level: 'wrong',
    check: 'settings',
    says: /^SECRET_KEYS must be set: .*openssl rand/,
    make: async () => ({ ...(await deploy()).env, SECRET_KEYS: '' }),
  },
  {
    name: 'APP_URL is not set',
    level: 'warn',
    check: 'settings',
    says: /^APP_URL is not set, so links in mails/,
    make: async () => ({ ...(await deploy()).env, APP_URL: '' }),
  },
  {
    name: 'a secret’s file is readable by others',
    level: 'warn',
    check: 'secrets',
    says: /^SECRET_KEYS_FILE names a file that every user .* chmod 400/,
    async make() {
      const path = join(folder, 'keys');
      await writeFile(path, PRODUCTION.SECRET_KEYS, { mode: 0o644 });
      return { ...(await deploy()).env, SECRET_KEYS: '', SECRET_KEYS_FILE: path };
    },
  },
  {
    name: 'TRUSTED_PROXY_HOPS is forgotten',
    level: 'warn',
    check: 'proxies',
    says: /TRUSTED_PROXY_HOPS is 0: everyone has the proxy's address/,
    make: async () => ({ ...(await deploy()).env, TRUSTED_PROXY_HOPS: '0' }),
  },
  {
    name: 'the mail server rejects the login',
    level: 'wrong',
    check: 'mail',
    says: /rejects the login: check the user name and password in SMTP_URL/,
    make: async () => ({
      ...(await deploy()).env,
      SMTP_URL: `smtp://mailer:${MAIL_PASSWORD}@127.0.0.1:${portOf(refusing)}`,
    }),
  },
  {
    name: 'the mail server offers no encryption',
    level: 'wrong',
    check: 'mail',
    says: /\(ETLS.*it does not offer encryption/,
    make: async () => ({
      ...(await deploy()).env,
      // The same server under an address that no rule takes for this machine.
      SMTP_URL: sink.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
    }),
  },
  {
    name: 'no mail server listens',
    level: 'wrong',
    check: 'mail',
    says: /ECONNREFUSED.*nothing listens there: check the host and port in SMTP_URL/,
    make: async () => ({ ...(await deploy()).env, SMTP_URL: 'smtp://127.0.0.1:1' }),
  },
  {
    name: 'the database’s password is wrong (28P01)',
    level: 'wrong',
    check: 'database',
    says: /refuses user server_\w+: the password in DATABASE_URL is wrong .*\(28P01\)/,
    async make() {
      const { env } = await deploy();
      return { ...env, DATABASE_URL: String(env['DATABASE_URL']).replace(PASSWORD, 'nOtThis1') };
    },
  },
  {
    name: 'the database does not exist (3D000)',
    level: 'wrong',
    check: 'database',
    says: /database nowhere does not exist at .*: create it/,
    async make() {
      const { env, name } = await deploy();
      return { ...env, DATABASE_URL: String(env['DATABASE_URL']).replace(name, 'nowhere') };
    },
  },
  {
    name: 'no Postgres listens',
    level: 'wrong',
    check: 'database',
    says: /nothing listens at 127\.0\.0\.1:1: start Postgres/,
    make: async () => ({
      ...(await deploy()).env,
      DATABASE_URL: `postgres://latchkey:${PASSWORD}@127.0.0.1:1/latchkey`,
    }),
  },
  {
    name: 'the database speaks no TLS, which DATABASE_URL asks for',
    level: 'wrong',
    check: 'database',
    says: /speaks no TLS, and sslmode in DATABASE_URL asks for it/,
    async make() {
      const { env } = await deploy();
      return { ...env, DATABASE_URL: `${env['DATABASE_URL']}?sslmode=require` };
    },
  },
  {
    name: 'the certificate of the database is not verified',
    level: 'warn',
    check: 'tls',
    says: /^TLSv1\.3 to 127\.0\.0\.1:\d+, but the certificate is not verified .*sslmode=verify-full/,
    make: async () => ({
      ...(await deploy()).env,
      DATABASE_URL: `${own.url}?sslmode=require`,
    }),
  },
  {
    name: 'the certificate expires soon',
    level: 'warn',
    check: 'tls',
    says: /the certificate of 127\.0\.0\.1 expires on \d{4}-.*; renew it/,
    make: async () => ({
      ...(await deploy()).env,
      DATABASE_URL: `${own.url}?sslmode=verify-full&sslrootcert=${join(folder, 'root.pem')}`,
    }),
  },
  {
    name: 'the database is SQL_ASCII and empty',
    level: 'wrong',
    check: 'encoding',
    says: /the encoding is SQL_ASCII and must be UTF8: create database/,
    alsoWrong: ['migrations'],
    make: async () =>
      (await deploy("encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0")).env,
  },
  {
    name: 'it is a standby',
    level: 'wrong',
    check: 'writes',
    says: /this is a standby, which accepts no writes: name the primary/,
    async make() {
      const standby = await startStandby(own);
      undone.push(() => standby.remove());
      return { ...(await deploy()).env, DATABASE_URL: standby.url };
    },
  },
  {
    name: 'the database is read-only',
    level: 'wrong',
    check: 'writes',
    says: /default_transaction_read_only is on/,
    async make() {
      const { env, owner, name } = await deploy();
      await owner.unsafe(`alter database ${name} set default_transaction_read_only = on`);
      return env;
    },
  },
  {
    name: 'pgbouncer gives no settings, and the role has others',
    level: 'wrong',
    check: 'pooler',
    says: /default_transaction_isolation is serializable behind the pooler.*alter role server_/,
    async make() {
      const { env, owner, role, name } = await deploy();
      await owner.unsafe(
        `alter role ${role} in database ${name} set default_transaction_isolation = 'serializable'`,
      );
      return { ...env, DATABASE_URL: `${env['DATABASE_URL']}?pgbouncer=true` };
    },
  },
  {
    name: 'migrations are behind',
    level: 'wrong',
    check: 'migrations',
    says: /^\w+(, \w+)* pending: run latchkey migrate up as the owner/,
    async make() {
      const { env, name } = await deploy();
      const url = databaseUrl(inject('postgresServerUrl'), name);
      await migrateDown(url, { folder: MIGRATIONS_FOLDER, log: SILENT, count: 9999 });
      return env;
    },
  },
  {
    name: 'migrations are of a newer version',
    level: 'wrong',
    check: 'migrations',
    says: /newer than this version of Latchkey: it has 9999_future/,
    async make() {
      const { env, owner } = await deploy();
      await owner`insert into latchkey_migrations (name, hash) values ('9999_future', 'x')`;
      return env;
    },
  },
  {
    name: 'migrations are newer, and compatible',
    level: 'warn',
    check: 'migrations',
    says: /9999_future is newer than this version, and compatible with it/,
    async make() {
      const { env, owner } = await deploy();
      await owner`insert into latchkey_migrations (name, hash, compatible_from)
        values ('9999_future', 'x', '0000_init')`;
      return env;
    },
  },
  {
    name: 'a grant is missing',
    level: 'wrong',
    check: 'privileges',
    says: /grant insert, delete on table public\.sessions to server_/,
    async make() {
      const { env, owner, role } = await deploy();
      await owner.unsafe(`revoke insert, delete on sessions from ${role}`);
      return env;
    },
  },
  {
    name: 'the server’s role may rewrite the audit log',
    level: 'warn',
    check: 'role',
    says: /can change the audit log/,
    async make() {
      const { env, owner, role } = await deploy();
      await owner.unsafe(`grant update, delete on audit_events to ${role}`);
      return env;
    },
  },
  {
    name: 'the server is a superuser',
    level: 'warn',
    check: 'role',
    says: /is a superuser: give the server its own role/,
    make: async () => ({ ...(await deploy()).env, DATABASE_URL: own.url }),
  },
  {
    name: 'the audit log has no month for today',
    level: 'wrong',
    check: 'partitions',
    says: /has no monthly partition for today: .*make_audit_partitions/,
    async make() {
      const { env, owner } = await deploy();
      const months = await owner<{ name: string }[]>`
        select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'audit_events'::regclass and relname ~ '_\\d{4}_\\d\\d$'`;
      for (const { name } of months) await owner.unsafe(`drop table ${name}`);
      return env;
    },
  },
  {
    name: 'audit events are in no month',
    level: 'wrong',
    check: 'partitions',
    says: /^1 audit events are in audit_events_default instead of a monthly partition/,
    async make() {
      const { env, owner } = await deploy();
      await owner`insert into audit_events (id, type, at, detail)
        values ('ffffffff-ffff-7fff-bfff-ffffffffffff', 'SIGNED_OUT', now(), '{}')`;
      return env;
    },
  },
  {
    name: 'the pool is larger than Postgres lets in',
    level: 'warn',
    check: 'connections',
    says: /opens up to 1001 of the \d+ connections that Postgres allows: lower DATABASE_POOL_SIZE/,
    make: async () => ({ ...(await deploy()).env, DATABASE_POOL_SIZE: '1000' }),
  },
  {
    name: 'this machine’s clock is an hour behind',
    level: 'wrong',
    check: 'clock',
    says: /^the database's clock is 3[56]\d\d\.\d s ahead of this machine's/,
    make: async () => (await deploy()).env,
    now: () => Date.now() - 3_600_000,
  },
  {
    name: 'this machine’s clock is 10 s ahead',
    level: 'warn',
    check: 'clock',
    says: /^the database's clock is (9|10)\.\d s behind this machine's/,
    make: async () => (await deploy()).env,
    now: () => Date.now() + 10_000,
  },
  {
    name: 'SECRET_KEYS lacks the secret of the signing keys',
    level: 'wrong',
    check: 'keys',
    says: /cannot be opened: SECRET_KEYS lacks the secret it was sealed with/,
    async make() {
      const { env } = await deploy();
      expect((await latchkey('keys rotate', { env })).code).toBe(0);
      return { ...env, SECRET_KEYS: OTHER_SECRET };
    },
  },
  {
    name: 'signing keys are sealed with an older secret',
    level: 'warn',
    check: 'keys',
    says: /sealed with an older secret: run latchkey keys reseal/,
    async make() {
      const { env } = await deploy();
      expect((await latchkey('keys rotate', { env })).code).toBe(0);
      return { ...env, SECRET_KEYS: `${OTHER_SECRET},${env['SECRET_KEYS']}` };
    },
  },
  {
    name: 'no server has rotated the signing key',
    level: 'warn',
    check: 'keys',
    says: /the current key has been signing for \d+ days, longer than SIGNING_KEY_LIFETIME/,
    async make() {
      const { env, owner } = await deploy();
      expect((await latchkey('keys rotate', { env })).code).toBe(0);
      await owner`delete from signing_keys where active_from > now()`;
      await owner`update signing_keys set active_from = active_from - interval '60 days',
        created_at = created_at - interval '60 days'`;
      return env;
    },
  },
];

test('O-19: doctor finds nothing wrong with a sound deployment', async () => {
  const { env } = await deploy();
  expect((await latchkey('keys rotate', { env })).code).toBe(0);
  const { findings, exitCode, text } = await examined(env);
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(exitCode).toBe(0);
  expect(text.split('\n')).toHaveLength(findings.length);
  const checks = findings.map(({ check }) => check);
  for (const check of new Set(BROKEN.map((one) => one.check))) expect(checks).toContain(check);
});

test.each(BROKEN.map((broken) => [broken.name, broken] as const))(
  'O-19: doctor reports that %s',
  async (_, { level, check, says, alsoWrong = [], make, now }) => {
    const env = await make();
    const { findings, exitCode, text } = await examined(env, now);
    const found = findings.filter((finding) => finding.check === check && finding.level === level);
    expect(found.map(({ sentence }) => sentence)).toContainEqual(expect.stringMatching(says));
    const wrong = findings.filter((finding) => finding.level === 'wrong');
    const expected = new Set([...(level === 'wrong' ? [check] : []), ...alsoWrong]);
    expect(new Set(wrong.map((finding) => finding.check))).toEqual(expected);
    expect(exitCode).toBe(level === 'wrong' ? 1 : 0);
    for (const secret of [PASSWORD, MAIL_PASSWORD, PRODUCTION.SECRET_KEYS, OTHER_SECRET]) {
      expect(text).not.toContain(secret);
    }
  },
);

test('O-19: doctor --json prints one line for each finding', async () => {
  const { env, owner, role } = await deploy();
  await owner.unsafe(`revoke select on users from ${role}`);
  const ended = await latchkey('doctor --json', { env });
  expect(ended.code).toBe(1);
  expect(ended.err.at(-1)).toMatch(/^1 wrong, 0 warnings, \d+ ok\.$/);
  for (const row of rowsOf(ended)) expect(Object.keys(row)).toEqual(['check', 'level', 'sentence']);
});

test('O-19: an unencrypted connection is a warning beyond this machine', () => {
  const plain = { kind: 'plain', at: 'db.example:5432', isLoopback: false } as const;
  expect(describeProtection(plain, 'prefer', 0)).toMatchObject({
    level: 'warn',
    sentence: expect.stringMatching(/not encrypted \(sslmode=prefer\).*sslmode=verify-full/),
  });
  expect(describeProtection({ ...plain, isLoopback: true }, 'prefer', 0).level).toBe('ok');
  expect(describeProtection({ kind: 'socket' }, 'prefer', 0).level).toBe('ok');
});
