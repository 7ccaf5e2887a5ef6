import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as plain } from 'vitest';
import { HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import { describeSettings } from '../../src/settings/describe.ts';
import { SETTING_NAMES, SETTINGS } from '../../src/settings/table.ts';
import { countAll } from '../../src/statistics/count.ts';
import { adminToken } from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, signUp } from '../support/journeys.ts';

const PLANTED = 'planted-secret-0123456789';
const clock = createFakeClock(new Date('2026-05-04T10:30:00.000Z'));
const test = testWithServer({ clock, env: { APP_NAME: 'Shown Here' } });

const STATISTICS = `query ($from: DateTime!, $to: DateTime!, $bucket: StatisticsBucket!) {
  statistics(from: $from, to: $to, bucket: $bucket) {
    buckets { from registrations signIns failedSignIns secondFactorFailures passwordResets }
    totals { at users verified withSecondFactor withPasskey disabled liveSessions }
  }
}`;

test('the figures are those of what people did, and the person’s last sign-in is noted', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['STATISTICS_READ']);
  const variables = {
    ...{ from: '2026-05-04T09:00:00.000Z', to: '2026-05-04T11:00:00.000Z', bucket: 'HOUR' },
  };
  const read = async () => {
    const answer = await server.admin(STATISTICS, variables, { token });
    if (!answer.data) throw new Error(answer.text);
    return answer.data.statistics;
  };
  const { bucket, ...time } = variables;
  const first = await server.admin(STATISTICS, variables, { token });
  expect(first.status).toBe(503);
  expect(first.data).toBeNull();
  expect(first.errors).toMatchObject([
    { path: ['statistics', 'totals'], extensions: { code: 'SERVICE_UNAVAILABLE' } },
  ]);
  // The figures are there all the same.
  const figures = `query ($from: DateTime!, $to: DateTime!) {
    statistics(from: $from, to: $to, bucket: ${bucket}) { buckets { signIns } }
  }`;
  expect((await server.admin(figures, time, { token })).data.statistics.buckets).toHaveLength(2);
  const person = await signUp(server);
  await server.graphql(LOGIN, { input: { email: person.email, password: 'wrong password' } });
  await server.graphql(LOGIN, { input: { email: person.email, password: person.password } });
  const signedInAt = clock.now();
  clock.advance(2 * MINUTE);
  await countAll(server.app.deps);
  const none = { registrations: 0, signIns: 0, failedSignIns: 0 };
  const never = { secondFactorFailures: 0, passwordResets: 0 };
  expect(await read()).toEqual({
    buckets: [
      { from: '2026-05-04T09:00:00.000Z', ...none, ...never },
      {
        from: '2026-05-04T10:00:00.000Z',
        registrations: 1,
        signIns: 2,
        failedSignIns: 1,
        ...never,
      },
    ],
    totals: {
      ...{ at: clock.now().toISOString(), users: 1, verified: 1, liveSessions: 2 },
      ...{ withSecondFactor: 0, withPasskey: 0, disabled: 0 },
    },
  });
  const { rows } = await server.app.deps.db
    .run({ text: 'select last_sign_in_at as at from users' })
    .then((found) => ({ rows: [...found] }));
  expect(rows).toEqual([{ at: signedInAt }]);
  const { data, errors } = await server.admin(
    STATISTICS,
    { ...variables, to: new Date(clock.now().getTime() + 1_001 * HOUR).toISOString() },
    { token },
  );
  expect(data).toBeNull();
  expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
});

/** Each field of the API that takes a time, with the times around what the server can store and answer. */
const TIMES: Readonly<Record<string, string>> = {
  'statistics, to':
    'query ($at: DateTime!) { statistics(from: $at, to: $at, bucket: WEEK) { buckets { from } } }',
  'events, after': 'query ($at: DateTime!) { events(filter: { after: $at }) { edges { cursor } } }',
  'events, before':
    'query ($at: DateTime!) { events(filter: { before: $at }) { edges { cursor } } }',
  'users, createdAfter':
    'query ($at: DateTime!) { users(filter: { createdAfter: $at }) { edges { cursor } } }',
  'users, createdBefore':
    'query ($at: DateTime!) { users(filter: { createdBefore: $at }) { edges { cursor } } }',
  'users, lastSignInBefore':
    'query ($at: DateTime!) { users(filter: { lastSignInBefore: $at }) { edges { cursor } } }',
  'createAdminToken, expiresAt': `mutation ($at: DateTime!) {
    createAdminToken(input: { name: "times", permissions: [EVENTS_READ], expiresAt: $at }) {
      __typename ... on InvalidInputError { issues { path } }
    }
  }`,
};

test.for(Object.entries(TIMES))(
  'a time that cannot be stored or answered is refused as bad input: %s',
  async ([, document], { server }) => {
    const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
    const ask = async (at: string) => await server.admin(document, { at }, { token });
    for (const at of ['9998-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z']) {
      const { status, errors } = await ask(at);
      expect({ at, status, errors }).toMatchObject({ at, status: 200, errors: [] });
    }
    for (const at of [
      '9999-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.999Z',
      '1969-12-31T23:59:59.999Z',
      '0000-01-01T00:00:00.000Z',
    ]) {
      const { status, data, errors } = await ask(at);
      const code = errors[0]?.extensions?.['code'];
      const result = data?.createAdminToken?.__typename ?? code;
      expect({ at, status, result }).toEqual({
        ...{ at, status: 200 },
        result: document.startsWith('mutation') ? 'InvalidInputError' : 'BAD_USER_INPUT',
      });
    }
  },
);

test('CF-2: the settings of the process, without the keys and the database’s address', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['STATISTICS_READ']);
  const { data, text } = await server.admin('{ settings { name value source } }', {}, { token });
  expect(data.settings.map(({ name }: { name: string }) => name)).toEqual(SETTING_NAMES);
  const of = (name: string) => data.settings.find((one: { name: string }) => one.name === name);
  expect(of('APP_NAME')).toEqual({ name: 'APP_NAME', value: 'Shown Here', source: 'environment' });
  expect(of('PORT')).toEqual({ name: 'PORT', value: '4000', source: 'default' });
  expect(of('SECRET_KEYS')).toEqual({ name: 'SECRET_KEYS', value: null, source: 'environment' });
  expect(of('DATABASE_URL').value).toBeNull();
  expect(text).not.toContain(server.database.url);
  for (const key of server.app.deps.config.secretKeys) {
    expect(text).not.toContain(key.toString('base64'));
  }
});

plain.for(['environment', 'file'] as const)(
  'CF-2: a secret planted in every setting from the %s never shows',
  (source) => {
    const path = join(tmpdir(), `${PLANTED}-${process.pid}`);
    writeFileSync(path, PLANTED, { mode: 0o400 });
    const secrets = SETTING_NAMES.filter((name) => SETTINGS[name].secret !== null);
    expect(secrets.length).toBeGreaterThan(6);
    const env =
      source === 'file'
        ? Object.fromEntries(secrets.map((name) => [`${name}_FILE`, path]))
        : Object.fromEntries(
            SETTING_NAMES.map((name) => [
              name,
              secrets.includes(name) ? PLANTED : `https://user:${PLANTED}@collector.example.com/`,
            ]),
          );
    const rows = describeSettings(env);
    expect(rows.filter((row) => row.source === source)).toHaveLength(Object.keys(env).length);
    expect(JSON.stringify(rows)).not.toContain(PLANTED);
    expect(readFileSync(path, 'utf8')).toBe(PLANTED);
  },
);
