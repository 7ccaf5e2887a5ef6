import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { grant, proveSecondFactor } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { authenticatorFor, enroll } from '../support/passkeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { enrollEmail, enrollTotp, signInWithTotp } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

/** The permissions that the administrators' API sees, or the code of its refusal. */
async function access(server: TestServer, token: string): Promise<unknown> {
  const { data, errors } = await server.admin('{ roles { name } }', {}, { token });
  const caller = await server.admin('{ caller { permissions } }', {}, { token });
  const count = caller.data.caller.permissions.length;
  return [count, data === null ? errors[0]?.extensions?.['code'] : 'READ'];
}

const WHOLE = [14, 'READ'];
const NONE = [0, 'FORBIDDEN'];

/** Moves everything that a person has enrolled, and the roles that they were given, into the past. */
async function age(server: TestServer, { userId }: Person, table: string, hours: number) {
  const columns: Readonly<Record<string, string>> = {
    passkeys: 'created_at',
    user_roles: 'granted_at',
  };
  const column = columns[table] ?? 'confirmed_at';
  await queryDatabase(
    server.app.deps.db,
    `update ${table} set ${column} = ${column} - interval '${hours} hours' where user_id = '${userId}'`,
  );
}

test('AD-5: whoever has the password of an administrator without a second factor administers nothing with a factor of their own', async ({
  server,
}) => {
  const person = await signUp(server);
  await grant(server, person);
  await age(server, person, 'user_roles', 100);
  expect(await access(server, person.accessToken)).toEqual([14, 'STEP_UP_REQUIRED']);
  const thief = await enrollTotp(server, person);
  expect(await access(server, thief.accessToken)).toEqual(NONE);
  // Not with a sign-in with both factors either: both are the thief's.
  await queryDatabase(server.app.deps.db, 'update totp_factors set last_step = 0');
  const { accessToken } = await signInWithTotp(server, thief);
  expect(await access(server, accessToken)).toEqual(NONE);
  await age(server, person, 'totp_factors', 23);
  expect(await access(server, accessToken)).toEqual(NONE);
  await age(server, person, 'totp_factors', 2);
  expect(await access(server, accessToken)).toEqual(WHOLE);
});

test('AD-5: a role that is given after the enrollment counts at once, and an operator can vouch for a new factor', async ({
  server,
}) => {
  const before = await enrollTotp(server, await signUp(server));
  await grant(server, before);
  expect(await access(server, before.accessToken)).toEqual(WHOLE);

  const person = await signUp(server);
  const command = `admins grant ${person.email}`;
  const world = { config: server.app.deps.config };
  const granted = await latchkey(command, world);
  expect(granted.err.join(' ')).toContain('no two-step verification');
  const { accessToken } = await enrollTotp(server, person);
  expect(await access(server, accessToken)).toEqual(NONE);
  expect((await latchkey(`${command} --json`, world)).out.join()).toContain('"changed":true');
  expect(await access(server, accessToken)).toEqual(WHOLE);
  expect((await latchkey(`${command} --json`, world)).out.join()).toContain('"changed":false');
  const events = await queryDatabase(
    server.app.deps.db,
    sql`select detail ->> 'renewed' as renewed from audit_events
      where type = 'ROLES_CHANGED' and user_id = ${person.userId}::uuid order by id`,
  );
  expect(events).toEqual([{ renewed: null }, { renewed: 'admin' }]);
});

test('AD-5: a further factor, which takes the first one to enroll, costs an administrator nothing', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  await grant(server, person);
  await age(server, person, 'user_roles', 100);
  await age(server, person, 'totp_factors', 200);
  await enrollEmail(server, person);
  await enroll(server, person, authenticatorFor(server));
  expect(await access(server, person.accessToken)).toEqual(WHOLE);
});

test('AD-5: a new passkey of an administrator who has passkeys alone counts after a day, because the password was enough to add it', async ({
  server,
}) => {
  const person = await signUp(server);
  await enroll(server, person, authenticatorFor(server), { name: 'own' });
  await age(server, person, 'passkeys', 48);
  await grant(server, person);
  await proveSecondFactor(server, person);
  expect(await access(server, person.accessToken)).toEqual(WHOLE);
  await age(server, person, 'user_roles', 1);
  await enroll(server, person, authenticatorFor(server), { name: 'of a thief' });
  expect(await access(server, person.accessToken)).toEqual(NONE);
  await age(server, person, 'passkeys', 25);
  expect(await access(server, person.accessToken)).toEqual(WHOLE);
});
