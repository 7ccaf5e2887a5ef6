import type { UnreadableSigningKeyError } from '../../access-token/errors.ts';
import { listSigningKeys } from '../../access-token/list.ts';
import { overdueSince } from '../../access-token/rotation.ts';
import { openSigningKeys } from '../../access-token/sealed-key.ts';
import { selectSigningKeys } from '../../access-token/store.ts';
import { monthsEnd, partitionTroubles } from '../../audit/partitions.ts';
import type { Config } from '../../config.ts';
import { databaseTime } from '../../db/clock.ts';
import { closeDatabase, createDatabase } from '../../db/driver/client.ts';
import { type Protection, probeTls } from '../../db/driver/probe-tls.ts';
import {
  type DatabaseFacts,
  type DatabaseProblems,
  databaseFacts,
  inspectDatabase,
} from '../../db/driver/start-check.ts';
import type { Database } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { describeConflict, migrationStatus } from '../../db/migrations/migration-status.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../db/migrations/migrations.ts';
import { parseDatabaseUrl } from '../../kernel/database-url.ts';
import { DAY, SECOND } from '../../kernel/duration.ts';
import { createKeyring } from '../../kernel/keyring.ts';
import type { Log } from '../../kernel/ports.ts';
import { createRandom } from '../../kernel/random.ts';
import { about, type Finding, orWrong } from './finding.ts';

/** The input of the database checks. */
export type DatabaseWorld = {
  readonly config: Config;
  readonly log: Log;
  /** This machine's time, as milliseconds since 1970. */
  readonly now: () => number;
};

type Look = DatabaseWorld & {
  readonly db: Database;
  readonly facts: DatabaseFacts;
  readonly problems: DatabaseProblems;
};

/** Runs all checks of the database. If the log-in fails, that is the only finding. */
export async function checkDatabase(world: DatabaseWorld): Promise<readonly Finding[]> {
  const { config, log } = world;
  const db = createDatabase({ url: config.databaseUrl, poolSize: 1, log });
  try {
    return await orWrong('database', async () => {
      const facts = await run(db, databaseFacts());
      const look = { ...world, db, facts, problems: await inspectDatabase(db) };
      const checks: Readonly<Record<string, (look: Look) => Promise<readonly Finding[]>>> = {
        tls: checkTls,
        encoding: checkServer,
        writes: checkWrites,
        pooler: checkPooler,
        migrations: checkMigrations,
        privileges: checkPrivileges,
        role: checkRole,
        connections: checkConnections,
        partitions: checkPartitions,
        clock: checkClock,
        keys: checkKeys,
      };
      const findings: Finding[] = [];
      // One after another, because there is one connection.
      for (const [name, check] of Object.entries(checks)) {
        findings.push(...(await orWrong(name, () => check(look))));
      }
      return [about('database').ok(`Postgres ${facts.version} as ${facts.role}`), ...findings];
    });
  } finally {
    await closeDatabase(db);
  }
}

const SOON = 14 * DAY;

async function checkTls({ config, now }: Look): Promise<readonly Finding[]> {
  const target = parseDatabaseUrl(config.databaseUrl);
  const protection = await probeTls(target, 2 * SECOND);
  if (!protection)
    return [
      about('tls').warn('could not check whether the connection to the database is encrypted'),
    ];
  return [describeProtection(protection, target.tls.mode, now())];
}

/** @param mode the `sslmode` of the connection */
export function describeProtection(protection: Protection, mode: string, now: number): Finding {
  const { ok, warn } = about('tls');
  if (protection.kind === 'socket') return ok('a Unix socket: nothing leaves this machine');
  const { at } = protection;
  if (protection.kind === 'plain') {
    if (protection.isLoopback) return ok(`not encrypted, and does not leave this machine (${at})`);
    return warn(
      `the connection to ${at} is not encrypted (sslmode=${mode}): password hashes and addresses travel in the clear; set sslmode=verify-full in DATABASE_URL, unless the network is yours alone`,
    );
  }
  const { protocol, isVerified, name, validUntil } = protection;
  const until = validUntil.toISOString().slice(0, 10);
  if (!isVerified) {
    return warn(
      `${protocol} to ${at}, but the certificate is not verified (sslmode=${mode}): set sslmode=verify-full, and sslrootcert for an authority of your own`,
    );
  }
  if (validUntil.getTime() - now < SOON) {
    return warn(`${protocol} to ${at}: the certificate of ${name} expires on ${until}; renew it`);
  }
  return ok(`${protocol} to ${at}, the certificate of ${name} is verified and expires on ${until}`);
}

async function checkServer({ facts, problems }: Look): Promise<readonly Finding[]> {
  const { ok, wrong } = about('encoding');
  if (problems.server.length > 0) return problems.server.map(wrong);
  return [ok(`${facts.encoding}, in schema ${facts.schema}`)];
}

async function checkWrites({ facts }: Look): Promise<readonly Finding[]> {
  const { ok, wrong } = about('writes');
  if (facts.isStandby) {
    return [
      wrong(
        'this is a standby, which accepts no writes: name the primary in DATABASE_URL, or all hosts, among which the server finds the primary',
      ),
    ];
  }
  if (facts.isReadOnly) {
    return [
      wrong(
        'the database accepts no writes: default_transaction_read_only is on for the role, the database or the server',
      ),
    ];
  }
  return [ok('a primary that accepts writes')];
}

async function checkPooler({ facts, problems }: Look): Promise<readonly Finding[]> {
  const { ok, wrong } = about('pooler');
  if (problems.settings.length > 0) return problems.settings.map(wrong);
  return [
    ok(facts.isPooled ? 'there is one, and the role has the settings that it needs' : 'none'),
  ];
}

async function checkMigrations({ db }: Look): Promise<readonly Finding[]> {
  const { ok, warn, wrong } = about('migrations');
  const status = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
  const conflict = describeConflict(status);
  if (conflict !== null) return [wrong(conflict)];
  if (status.pending.length > 0) {
    return [
      wrong(
        `${status.pending.join(', ')} pending: run latchkey migrate up as the owner of the tables`,
      ),
    ];
  }
  if (status.unknown.length > 0) {
    return [
      warn(`${status.unknown.join(', ')} is newer than this version, and compatible with it`),
    ];
  }
  return [ok(`all ${status.applied.length} applied`)];
}

async function checkPrivileges({ db, facts, problems }: Look): Promise<readonly Finding[]> {
  const { ok, warn, wrong } = about('privileges');
  const { tables, privileges } = problems;
  if (tables.length + privileges.length === 0) {
    return [ok(`${facts.role} has every privilege that it needs`)];
  }
  const { pending } = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
  const missing =
    pending.length > 0 && tables.length > 0
      ? [
          warn(
            `${tables.length} tables and functions are missing until the pending migrations are applied`,
          ),
        ]
      : tables.map(wrong);
  return [...missing, ...privileges.map(wrong)];
}

async function checkRole({ config, facts }: Look): Promise<readonly Finding[]> {
  const { ok, warn } = about('role');
  const { role, isSuperuser, mayRewriteLog } = facts;
  if (config.mode !== 'production') return [];
  if (isSuperuser) {
    return [
      warn(`${role} is a superuser: give the server its own role (docs/operating/roles.sql)`),
    ];
  }
  if (mayRewriteLog) {
    return [
      warn(
        `${role} can change the audit log: give the server a role that can only append to it (docs/operating/database-role.sql)`,
      ),
    ];
  }
  return [ok(`${role} can only append to the audit log`)];
}

async function checkPartitions({ db, problems }: Look): Promise<readonly Finding[]> {
  const { ok, warn, wrong } = about('partitions');
  if (problems.tables.length > 0) return [];
  const now = new Date(await run(db, databaseTime()));
  const findings = (await partitionTroubles(db, now)).map((trouble) => {
    if (trouble.kind === 'missing') {
      return wrong(`the audit log has no monthly partition for today: ${MAKE_MONTHS}`);
    }
    if (trouble.kind === 'ending') {
      const until = trouble.end.toISOString().slice(0, 10);
      return warn(`the audit log has monthly partitions only until ${until}: ${MAKE_MONTHS}`);
    }
    return wrong(
      `${trouble.events} audit events are in audit_events_default instead of a monthly partition: move them (docs/operating/audit-log.md)`,
    );
  });
  if (findings.length > 0) return findings;
  const until = (await run(db, monthsEnd()))?.toISOString().slice(0, 10);
  return [ok(`the audit log has monthly partitions until ${until}`)];
}

const MAKE_MONTHS =
  'a running server creates them; run select make_audit_partitions() as its role to see what is in the way';

async function checkConnections({ config, facts }: Look): Promise<readonly Finding[]> {
  const { ok, warn } = about('connections');
  if (facts.isPooled) return [];
  // Each process has a pool, and one connection for its readiness.
  const wanted = config.workers * (config.databasePoolSize + 1);
  const share = `${wanted} of the ${facts.maxConnections} connections that Postgres allows`;
  return [
    wanted > facts.maxConnections
      ? warn(
          `one instance opens up to ${share}: lower DATABASE_POOL_SIZE, or raise max_connections`,
        )
      : ok(`one instance opens up to ${share}`),
  ];
}

/** Codes of authenticator apps are valid for 30 s. */
const MUCH = 30 * SECOND;
const SOME = 2 * SECOND;

async function checkClock({ db, now }: Look): Promise<readonly Finding[]> {
  const { ok, warn, wrong } = about('clock');
  // The first query may wait for the connection.
  await run(db, databaseTime());
  const sent = now();
  const time = await run(db, databaseTime());
  const received = now();
  const skew = time - (sent + received) / 2;
  const certain = Math.abs(skew) - (received - sent) / 2;
  const seconds = (Math.abs(skew) / SECOND).toFixed(1);
  const sentence = `the database's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's; lifetimes follow the database: synchronize both by NTP`;
  if (certain > MUCH) return [wrong(sentence)];
  if (certain > SOME) return [warn(sentence)];
  return [ok(`the clocks of the database and of this machine differ by ${seconds} s`)];
}

async function checkKeys({ config, db, problems }: Look): Promise<readonly Finding[]> {
  const { ok, warn, wrong } = about('keys');
  if (problems.tables.length > 0) return [];
  const time = new Date(await run(db, databaseTime()));
  const clock = { now: () => time };
  const deps = { db, clock, keyring: createKeyring(config.secretKeys, createRandom()) };
  const unreadable: UnreadableSigningKeyError[] = [];
  const rows = await run(db, selectSigningKeys());
  if (rows.length === 0) return [ok('there are none yet: the first start creates them')];
  await openSigningKeys(deps, rows, new Map(), (error) => void unreadable.push(error));
  if (unreadable.length > 0) {
    return unreadable.map(({ kid }) =>
      wrong(
        `${kid} cannot be opened: SECRET_KEYS lacks the secret it was sealed with; add that secret after the newest one`,
      ),
    );
  }
  const keys = await listSigningKeys(deps);
  const stale = keys.filter(({ sealIsStale }) => sealIsStale);
  if (stale.length > 0) {
    return [
      warn(
        `${stale.length} of ${keys.length} are sealed with an older secret: run latchkey keys reseal before you remove that secret from SECRET_KEYS`,
      ),
    ];
  }
  const signing = keys.find(({ state }) => state === 'signing');
  if (!signing) return [warn('no key signs now: a running server activates the next one')];
  const signedFor = time.getTime() - signing.activeFrom.getTime();
  const age = Math.floor(signedFor / DAY);
  if (overdueSince(signing, time, config.signingKeyLifetime) !== null) {
    return [
      warn(
        `the current key has been signing for ${age} days, longer than SIGNING_KEY_LIFETIME: a running server rotates it`,
      ),
    ];
  }
  return [ok(`${keys.length} keys; the current one has been signing for ${age} days`)];
}
