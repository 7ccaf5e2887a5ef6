import { expect, test } from 'vitest';
import { type DatabaseTarget, parseDatabaseUrl } from '../../src/kernel/database-url.ts';
import { readSettings } from '../../src/settings/read.ts';
import { PRODUCTION } from './environments.ts';

const host = (name: string, port = 5432, address: string | null = null) => ({
  host: name,
  port,
  address,
});

test.each<[string, Partial<DatabaseTarget>]>([
  ['postgres://u:p@[::1]:5432/db', { hosts: [host('::1')], user: 'u', password: 'p' }],
  ['postgresql://u@h', { hosts: [host('h')], user: 'u', password: null, database: null }],
  ['postgres://h/db', { hosts: [host('h')], user: null, database: 'db' }],
  ['postgres://u:p@h/My%20DB', { database: 'My DB' }],
  ['postgres://u:a%23b%25%40%3a%2F@db.example/db', { password: 'a#b%@:/' }],
  ['postgres://u:a:b@h/db', { user: 'u', password: 'a:b' }],
  ['postgres://u:p@/db?host=/run/postgresql', { hosts: [host('/run/postgresql')] }],
  ['postgres://u:p@%2Frun%2Fpostgresql:5433/db', { hosts: [host('/run/postgresql', 5433)] }],
  ['postgres://u:p@name/db?hostaddr=10.0.0.1', { hosts: [host('name', 5432, '10.0.0.1')] }],
  ['postgres://u:p@/db?hostaddr=10.0.0.1', { hosts: [host('10.0.0.1', 5432, '10.0.0.1')] }],
  [
    'postgres://u:p@h1:5432,h2:5433/db?target_session_attrs=read-write',
    { hosts: [host('h1'), host('h2', 5433)], mustWrite: true },
  ],
  ['postgres://u:p@h1,[::1]:7/db', { hosts: [host('h1'), host('::1', 7)], mustWrite: true }],
  ['postgres://u:p@h1,h2/db?target_session_attrs=any', { mustWrite: false }],
  ['postgres://u:p@/db?host=h1,h2&port=1,2', { hosts: [host('h1', 1), host('h2', 2)] }],
  ['postgres://u:p@/db?host=h1,h2&port=7', { hosts: [host('h1', 7), host('h2', 7)] }],
  ['postgres://u:p@h/db?pgbouncer=true', { isPooled: true, poolerPrepares: false }],
  ['postgres://u:p@h/db?prepare=true', { isPooled: false, poolerPrepares: true }],
  ['postgres://prepare=true@h/db?prepare=false', { poolerPrepares: false }],
  ['postgres://u:p@h/db?schema=public', { schema: 'public' }],
  ['postgres://u:p@h/db?connect_timeout=3', { connectTimeout: 3_000 }],
  ['postgres://u:p@h/db?application_name=a%20b', { applicationName: 'a b' }],
  ['postgres://u:p@h/db?fallback_application_name=a', { applicationName: 'a' }],
  ['postgres://u:p@h/db?options=-c%20search_path%3Dauth', { options: '-c search_path=auth' }],
  [
    'postgres://h/db?user=u&password=p&dbname=other',
    { user: 'u', password: 'p', database: 'other' },
  ],
  ['postgres://u:p@h/db?sslmode=require&channel_binding=require', { ignored: ['channel_binding'] }],
  [
    'postgres://u:p@h/db?keepalives=1&connection_limit=5',
    { ignored: ['connection_limit', 'keepalives'] },
  ],
  ['postgres://u:p@h/db?channel_binding=prefer&gssencmode=disable', { ignored: [] }],
])('CF-8: DATABASE_URL is read as libpq reads it: %s', (url, expected) => {
  expect(parseDatabaseUrl(url)).toMatchObject(expected);
});

test.each([
  ['', 'prefer', null],
  ['sslmode=disable', 'disable', null],
  ['sslmode=allow', 'prefer', null],
  ['sslmode=require', 'require', null],
  ['sslmode=require&sslrootcert=/ca.pem', 'verify-ca', '/ca.pem'],
  ['sslmode=verify-ca&sslrootcert=/ca.pem', 'verify-ca', '/ca.pem'],
  ['sslmode=verify-full&sslrootcert=/ca.pem', 'verify-full', '/ca.pem'],
  ['sslmode=verify-full', 'verify-full', null],
  ['sslrootcert=system', 'verify-full', null],
])('CF-8: sslmode by the rules of libpq: %s', (query, mode, rootCertificate) => {
  expect(parseDatabaseUrl(`postgres://u@h/db?${query}`).tls).toMatchObject({
    mode,
    rootCertificate,
  });
});

const CANARY = 'canary7f3a';

test.each([
  [`postgres://u:100%${CANARY}@h/db`, '% itself is written %25'],
  [`postgres://u:%ff${CANARY}@h/db`, '% itself is written %25'],
  [`postgres://u:a#${CANARY}@h/db`, '# is written %23'],
  [`postgres://u:a@${CANARY}@h/db`, '@ is written %40'],
  [`postgres://u:a/${CANARY}@h/db`, '/ is written %2F'],
  [`postgres://u:a?${CANARY}=1@h/db`, '? is written %3F'],
  [`postgres://u:a ${CANARY}@h/db`, 'a space is written %20'],
  [`postgres://u:${CANARY}@::1/db`, 'an IPv6 address is written in brackets'],
  [`postgres://u:${CANARY}@h:0/db`, 'ports from 1 to 65535'],
  [`postgres://u:${CANARY}@h:65536/db`, 'ports from 1 to 65535'],
  [`postgres://u:${CANARY}@h:x/db`, 'ports from 1 to 65535'],
  [`postgres://u:${CANARY}@/db`, 'must name a host'],
  [`postgres://u:${CANARY}@h1,/db`, 'must name a host'],
  [`mysql://u:${CANARY}@h/db`, 'must be a postgres:// URL'],
  [`postgres://u:${CANARY}@h/db?sslmod=require`, 'a parameter that is not known: sslmod'],
  [`postgres://u:p@h/db?${CANARY}=1`, 'has a parameter that is not known:'],
  [`postgres://u:${CANARY}@h/db?statement_timeout=0`, 'written options=-c%20name=value'],
  [`postgres://u:${CANARY}@h/db?sslmode=on`, 'as sslmode'],
  [`postgres://u:${CANARY}@h/db?sslmode=verify-ca`, 'must have sslrootcert with sslmode=verify-ca'],
  [`postgres://u:${CANARY}@h/db?sslmode=require&sslrootcert=system`, 'sslmode=verify-full with'],
  [`postgres://u:${CANARY}@h/db?sslcert=/c.pem`, 'sslcert and sslkey together'],
  [`postgres://u:${CANARY}@h/db?sslnegotiation=direct`, 'sslmode=require or stronger'],
  [`postgres://u:${CANARY}@h/db?target_session_attrs=standby`, 'this server writes'],
  [`postgres://u:${CANARY}@h/db?connect_timeout=soon`, 'whole seconds'],
  [`postgres://u:${CANARY}@h/db?client_encoding=LATIN1`, 'UTF8 as client_encoding'],
  [`postgres://u:${CANARY}@h/db?gssencmode=require`, 'speaks no GSSAPI'],
  [`postgres://u:${CANARY}@h1,h2/db?port=1,2,3`, 'as many values in port as there are hosts'],
  [
    `postgres://u:${CANARY}@h/db?sslmode=require&sslrootcert=/nowhere.pem`,
    'sslrootcert that cannot be read (ENOENT)',
  ],
])(
  'CF-1, CF-8: a mistake in DATABASE_URL is named at the start, without a value: %s',
  (url, sentence) => {
    const settings = readSettings({ ...PRODUCTION, DATABASE_URL: url });
    const problems = settings.ok ? [] : settings.problems;
    expect(problems.map(({ setting }) => setting)).toEqual(['DATABASE_URL']);
    expect(problems[0]?.rule).toContain(sentence);
    expect(problems[0]?.rule).not.toContain(CANARY);
  },
);
