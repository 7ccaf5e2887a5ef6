import { sql } from 'drizzle-orm';
import { isUnionType } from 'graphql';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, operations } from '../graphql-engine/schema-inputs.ts';
import {
  askForReset,
  countMails,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESET,
  TITLES,
  typeOf,
} from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { PASSWORD, type Person, signIn, signUp } from '../support/journeys.ts';
import { begin, complete, roundTrip } from '../support/oauth.ts';
import { enrollAsFactor, reauthenticationProof } from '../support/passkey-factor.ts';
import { authenticatorFor, enroll, startEnrollment } from '../support/passkeys.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { queryDatabase } from '../support/query-database.ts';
import { publicSchema } from '../support/schema.ts';
import {
  callAs,
  codeMailedBy,
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  totpCode,
} from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';
import { until } from '../support/until.ts';

/**
 * SE-9: a signed-in mutation locks its live session in its own transaction. Every mutation that can
 * answer NotAuthenticatedError has its rows here; a new mutation without a row fails the first test.
 */

const clock = createFakeClock();
let server: TestServer;
let provider: ForgingProvider;
let connection: postgres.Sql;

beforeAll(async () => {
  provider = await startForgingProvider(clock);
  const env = { OIDC_PROVIDERS: JSON.stringify([provider.setting()]), MFA_REQUIRED: 'true' };
  server = await startTestServer({ clock, env });
  connection = postgres(server.database.url, { max: 4, onnotice: () => undefined });
});
afterAll(async () => {
  await connection.end();
  await server.close();
  await provider.close();
});

type Prepared = { readonly person: Person; readonly input?: Json };
type Way = (start: () => Promise<Person>) => Promise<Prepared>;

const plain: Way = async (start) => ({ person: await start() });

/** Prepares each mutation up to the point where it succeeds, or fails in its own way and writes a row. */
const WAYS: Readonly<Record<string, Readonly<Record<string, Way>>>> = {
  changePassword: {
    right: async (start) => ({
      person: await start(),
      input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
    }),
    wrong: async (start) => ({
      person: await start(),
      input: { currentPassword: 'not this one', newPassword: NEW_PASSWORD },
    }),
  },
  completePasskeyEnrollment: {
    right: async (start) => {
      const person = await start();
      const { ceremonyToken, options } = await startEnrollment(server, person);
      const attestation = authenticatorFor(server).create(options);
      return { person, input: { ceremonyToken, attestation } };
    },
    'a ceremony of nobody': async (start) => {
      const person = await start();
      const { options } = await startEnrollment(server, person);
      const attestation = authenticatorFor(server).create(options);
      return { person, input: { ceremonyToken: 'lkw_nothing', attestation } };
    },
  },
  confirmEmailChange: {
    right: async (start) => {
      const person = await start();
      const newEmail = `moved-${person.email}`;
      await callAs(server, person.accessToken, REQUEST_EMAIL_CHANGE, { newEmail });
      const { token } = await mailTitled(server, newEmail, TITLES.confirmChange);
      return { person, input: { proof: { token } } };
    },
  },
  confirmEmailMfa: {
    right: async (start) => {
      const person = await start();
      const code = await codeMailedBy(server, person.email, () =>
        callAs(server, person.accessToken, MFA.enableEmailMfa),
      );
      return { person, input: { code } };
    },
  },
  confirmTotp: {
    right: async (start) => {
      const person = await start();
      await connection`delete from totp_factors where user_id = ${person.userId}`;
      const { secret } = await callAs(server, person.accessToken, MFA.enableTotp);
      return { person, input: { code: totpCode(secret, clock.now()) } };
    },
  },
  deleteAccount: { right: plain },
  disableEmailMfa: {
    right: async (start) => ({ person: await enrollEmail(server, await start()) }),
  },
  disablePasskeyMfa: {
    right: async (start) => {
      const person = await start();
      await enrollAsFactor(server, person, authenticatorFor(server));
      return { person };
    },
  },
  disableTotp: { right: plain },
  enableEmailMfa: { right: plain },
  enablePasskeyMfa: {
    right: async (start) => {
      const person = await start();
      await enroll(server, person, authenticatorFor(server));
      return { person };
    },
  },
  enableTotp: {
    right: async (start) => {
      const person = await start();
      await connection`delete from totp_factors where user_id = ${person.userId}`;
      return { person };
    },
  },
  logout: { right: plain },
  reauthenticate: {
    'right password': async (start) => ({ person: await start(), input: { password: PASSWORD } }),
    'wrong password': async (start) => ({ person: await start(), input: { password: 'not it' } }),
    'wrong code': async (start) => ({
      person: await start(),
      input: { code: { method: 'TOTP', code: '000000' } },
    }),
    ...Object.fromEntries(
      [true, false].map((userVerified) => [
        `${userVerified ? 'right' : 'wrong'} passkey`,
        async (start) => {
          const person = await start();
          const authenticator = authenticatorFor(server);
          await enroll(server, person, authenticator);
          const { accessToken } = person;
          const overrides = { userVerified };
          const passkey = await reauthenticationProof(server, accessToken, authenticator, {
            overrides,
          });
          return { person, input: { passkey } };
        },
      ]),
    ),
  },
  regenerateBackupCodes: { right: plain },
  removePasskey: {
    right: async (start) => {
      const person = await start();
      const { passkey } = await enroll(server, person, authenticatorFor(server));
      return { person, input: { passkeyId: passkey.id } };
    },
  },
  renamePasskey: {
    right: async (start) => {
      const person = await start();
      const { passkey } = await enroll(server, person, authenticatorFor(server));
      return { person, input: { passkeyId: passkey.id, name: 'Mallory' } };
    },
  },
  requestEmailChange: {
    right: async (start) => {
      const person = await start();
      return { person, input: { newEmail: `wanted-${person.email}` } };
    },
  },
  revokeOtherSessions: { right: plain },
  revokeSession: {
    right: async (start) => {
      const person = await start();
      const [other] = await connection`insert into sessions
        select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
        from sessions s where id = ${person.sessionId} returning id`;
      return { person, input: { sessionId: other?.['id'] } };
    },
  },
  sendReauthenticationCode: {
    right: async (start) => ({ person: await enrollEmail(server, await start()) }),
  },
  startPasskeyEnrollment: { right: plain },
  startPasskeyReauthentication: {
    right: async (start) => {
      const person = await start();
      await enroll(server, person, authenticatorFor(server));
      return { person };
    },
  },
  unlinkIdentity: {
    right: async (start) => {
      const person = await start();
      const subject = `subject-of-${person.email}`;
      const linked = await roundTrip(server, provider, { sub: subject }, person.accessToken);
      return { person, input: { identityId: linked.identity.id } };
    },
  },
  updateProfile: {
    right: async (start) => ({ person: await start(), input: { name: 'Mallory' } }),
  },
};

/** A person with an authenticator app, so that the session is unrestricted under MFA_REQUIRED. */
async function start(): Promise<Person> {
  return await enrollTotp(server, await signIn(server, await signUp(server)));
}

const mutations = Object.values(publicSchema().getMutationType()?.getFields() ?? {});

function canAnswer(name: string, member: string): boolean {
  const union = publicSchema().getType(`${name[0]?.toUpperCase()}${name.slice(1)}Result`);
  return isUnionType(union) && union.getTypes().some((type) => type.name === member);
}

test('SE-9: every mutation of a signed-in person has its rows here', () => {
  const signedIn = mutations.filter(({ name }) => canAnswer(name, 'NotAuthenticatedError'));
  expect(Object.keys(WAYS).sort()).toEqual(signedIn.map(({ name }) => name).sort());
});

const rows = Object.entries(WAYS).flatMap(([name, ways]) =>
  Object.entries(ways).map(([how, prepare]) => ({ name, how, prepare })),
);

/** Tables that count attempts. An attempt counts before it is verified (RL-6), whatever its outcome. */
const COUNTERS = ['rate_limit_counters', 'second_factor_failures'];

/** Every row of every table, as text. */
async function allRows(except: readonly string[] = []): Promise<ReadonlySet<string>> {
  await mailCount(server, 'nobody@example.com');
  const tables = await connection<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p') and not relispartition`;
  const seen = new Set<string>();
  for (const { name } of tables) {
    if (except.includes(name) || name === 'leases') continue;
    const found = await connection<{ row: string }[]>`
      select ${name} || ': ' || t::text as row from ${connection(name)} t`;
    for (const { row } of found) seen.add(row);
  }
  return seen;
}

/** How many rows are new or changed. */
function writtenSince(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  return [...after].filter((row) => !before.has(row)).map((row) => row.replace(/:.*/, ''));
}

function documentOf(name: string): string {
  return operations().find((operation) => operation.name === name)?.document ?? '';
}

describe('SE-9: after a sign-out in the same operation, no signed-in mutation has an effect', () => {
  test.each(rows)('$name ($how)', async ({ name, prepare }) => {
    const { person, input } = await prepare(start);
    const query = documentOf(name).replace(`{ ${name}`, `{ a: logout { __typename } b: ${name}`);
    const before = await allRows();
    const { data } = await server.graphql(query, { input }, { token: person.accessToken });
    const written = writtenSince(before, await allRows());
    expect(data.a.__typename).toBe('SignedOut');
    expect({ b: data.b.__typename, written: written.sort() }).toEqual({
      b: 'NotAuthenticatedError',
      written: ['audit_events', 'sessions'],
    });
  });

  test('startOAuth begins a sign-in and links nothing', async () => {
    const { accessToken: token } = await start();
    const input = { provider: 'forger', redirectUri: 'http://localhost:4000/oauth/callback' };
    const query = `mutation ($input: StartOAuthInput!) { a: logout { __typename }
      b: startOAuth(input: $input) { __typename ... on OAuthStarted { links } } }`;
    const { data } = await server.graphql(query, { input }, { token });
    expect(data.b).toEqual({ __typename: 'OAuthStarted', links: false });
  });

  test('completeOAuth links nothing', async () => {
    const { accessToken: token, userId } = await start();
    const { flowToken, authorizationUrl } = await begin(server, { token });
    const callbackUrl = await provider.visit(authorizationUrl);
    const query = `mutation ($input: CompleteOAuthInput!) { a: logout { __typename }
      b: completeOAuth(input: $input) { __typename } }`;
    const { data } = await server.graphql(query, { input: { flowToken, callbackUrl } }, { token });
    expect(data.b.__typename).toBe('OAuthFailedError');
    const rows = await connection`select 1 from audit_events where type = 'OAUTH_FAILED'
      and (user_id = ${userId} or actor_id = ${userId})`;
    expect(rows.length).toBe(0);
  });
});

/**
 * Sends an operation and lets its guard pass while another transaction has locked the person, as a reset
 * would. Changes the session in that transaction, and commits.
 */
async function overtaken<T>(
  userId: string,
  send: () => Promise<T>,
  change: (tx: postgres.TransactionSql) => Promise<unknown>,
): Promise<{ readonly answer: T; readonly written: readonly string[] }> {
  let before: ReadonlySet<string> = new Set();
  const { promise: changed, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  const overtaking = connection.begin(async (tx) => {
    await tx`select from users where id = ${userId} for no key update`;
    await change(tx);
    hold();
    await changed;
  });
  await held;
  let answered = false;
  const answer = send().finally(() => {
    answered = true;
  });
  await until(async () => {
    const waiting = await connection`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return answered || waiting.length > 0;
  });
  // Nothing of the operation is committed while it waits, except the count of its attempt.
  before = await allRows(COUNTERS);
  release();
  await overtaking;
  const settled = await answer;
  return { answer: settled, written: writtenSince(before, await allRows(COUNTERS)) };
}

const send = (name: string, { person, input }: Prepared) =>
  server.graphql(documentOf(name), { input }, { token: person.accessToken });

describe('SE-9: an operation whose session ends while it runs writes nothing', () => {
  const changed = ['sessions', 'users'];

  test.each(rows)('$name ($how)', async ({ name, prepare }) => {
    const prepared = await prepare(start);
    const { userId } = prepared.person;
    const { answer, written } = await overtaken(
      userId,
      () => send(name, prepared),
      async (tx) => {
        await tx`update users set credential_version = credential_version + 1 where id = ${userId}`;
        await tx`update sessions set revoked_at = ${clock.now()} where user_id = ${userId}`;
      },
    );
    expect(typeOf(answer)).toBe('NotAuthenticatedError');
    expect(written.filter((table) => !changed.includes(table))).toEqual([]);
    const sessions = await connection`select credential_version from sessions
      where user_id = ${userId} and revoked_at is null`;
    expect(sessions.length).toBe(0);
  });
});

describe('SE-9: what a session has proven is checked again under the lock', () => {
  test.each(rows)('SE-6, the proof is too old: $name ($how)', async ({ name, prepare }) => {
    const prepared = await prepare(start);
    const { userId } = prepared.person;
    const { answer, written } = await overtaken(
      userId,
      () => send(name, prepared),
      (tx) => tx`update sessions set authenticated_at = '2000-01-01',
        second_factor_at = '2000-01-01' where user_id = ${userId}`,
    );
    if (!canAnswer(name, 'StepUpRequiredError')) {
      expect(typeOf(answer)).not.toMatch(/StepUpRequired|NotAuthenticated/);
      return;
    }
    expect(typeOf(answer)).toBe('StepUpRequiredError');
    expect(written.filter((table) => table !== 'sessions')).toEqual([]);
  });

  test.each(rows)('MF-7, the second factor is gone: $name ($how)', async ({ name, prepare }) => {
    const prepared = await prepare(start);
    const { userId } = prepared.person;
    const { answer, written } = await overtaken(
      userId,
      () => send(name, prepared),
      (tx) => tx`update sessions set second_factor_at = null where user_id = ${userId}`,
    );
    if (!canAnswer(name, 'MfaEnrollmentRequiredError')) {
      expect(typeOf(answer)).not.toMatch(/MfaEnrollment|NotAuthenticated/);
      return;
    }
    expect(typeOf(answer)).toBe('MfaEnrollmentRequiredError');
    expect(written.filter((table) => table !== 'sessions')).toEqual([]);
  });
});

describe('SE-9: linking a provider', () => {
  const end = (userId: string) => async (tx: postgres.TransactionSql) => {
    await tx`update sessions set revoked_at = ${clock.now()} where user_id = ${userId}`;
  };

  test('linking whose session ends while it begins stores no flow', async () => {
    const { accessToken: token, userId } = await start();
    const query = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename } }`;
    const input = { provider: 'forger', redirectUri: 'http://localhost:4000/oauth/callback' };
    const { answer } = await overtaken(
      userId,
      () => server.graphql(query, { input }, { token }),
      end(userId),
    );
    expect(typeOf(answer)).toBe('OAuthFailedError');
    const flows = await connection`select from oauth_flows where user_id = ${userId}`;
    const events = await connection`select from audit_events
      where user_id = ${userId} and type = 'OAUTH_FAILED'`;
    expect([flows.length, events.length]).toEqual([0, 0]);
  });

  test('linking whose session ends while it completes attaches no identity', async () => {
    const { accessToken: token, userId } = await start();
    provider.claims = { sub: `late-${userId}` };
    const { flowToken, authorizationUrl } = await begin(server, { token });
    const callbackUrl = await provider.visit(authorizationUrl);
    const { answer } = await overtaken(
      userId,
      () => complete(server, { flowToken, callbackUrl }, token),
      end(userId),
    );
    expect(answer.__typename).toBe('OAuthFailedError');
    const linked = await connection`select from identities where user_id = ${userId}`;
    const events = await connection`select from audit_events
      where user_id = ${userId} and type = 'OAUTH_FAILED'`;
    expect([linked.length, events.length]).toEqual([0, 0]);
  });
});

test('MF-1: no code is mailed for a challenge that a reset has ended meanwhile', async () => {
  const person = await enrollEmail(server, await signIn(server, await signUp(server)));
  const { data } = await server.graphql(MFA.challenge, {
    input: { email: person.email, password: PASSWORD },
  });
  const { challengeToken } = data.login;
  const codes = countMails(server, person.email, 'Your code');
  const { answer, written } = await overtaken(
    person.userId,
    () => server.graphql(MFA.sendCode, { input: { challengeToken } }),
    (tx) => tx`update users set credential_version = credential_version + 1
      where id = ${person.userId}`,
  );
  expect(typeOf(answer)).toBe('ChallengeExpiredError');
  expect(written.filter((table) => table !== 'users')).toEqual([]);
  expect(countMails(server, person.email, 'Your code')).toBe(codes);
});

/**
 * Records, at each commit, the rows that an already ended session wrote. The trigger is deferred to the
 * commit, so its statement sees everything that was committed until then.
 */
const WITNESS = `
  create table late_rows (session_id uuid, type text);
  create function witness() returns trigger language plpgsql as $$ begin
    if exists (select from sessions join users on users.id = user_id
      where sessions.id = new.session_id
        and sessions.credential_version < users.credential_version
        and new.type <> 'PASSWORD_RESET')
    then insert into late_rows values (new.session_id, new.type); end if;
    return null;
  end $$;
  create constraint trigger witness after insert on audit_events
    deferrable initially deferred for each row execute function witness();
`;

test('RR-4, SE-9: a stolen session that stays active during the owner’s reset writes nothing after the reset’s commit and does not end the owner’s new session', {
  timeout: 120_000,
}, async () => {
  await connection.unsafe(WITNESS);
  let survived = 0;
  const trials = trialsOr(4);
  for (let trial = 0; trial < trials; trial += 1) {
    const owner = await signUp(server);
    const stolen = await signIn(server, owner);
    const { token } = await askForReset(server, owner.email);
    const as = (name: string, input?: Json) => () =>
      server.graphql(documentOf(name), { input }, { token: stolen.accessToken });
    const acts = [
      as('updateProfile', { name: 'Mallory' }),
      as('revokeOtherSessions'),
      as('enableTotp'),
      as('requestEmailChange', { newEmail: `mine-${owner.email}` }),
      as('enableEmailMfa'),
      as('reauthenticate', { password: PASSWORD }),
      as('reauthenticate', { password: 'wrong' }),
      as('changePassword', { currentPassword: 'wrong', newPassword: NEW_PASSWORD }),
      as('revokeSession', { sessionId: owner.sessionId }),
    ];
    let isFinished = false;
    const thief = [acts, acts.toReversed()].map(async (all) => {
      for (let next = 0; !isFinished; next += 1) await all[next % all.length]?.();
    });
    try {
      await new Promise((resolve) => setImmediate(resolve));
      // A busy machine may answer "try again" (RR-11); the proof is then unspent.
      await until(async () => {
        const input = { proof: { token }, newPassword: NEW_PASSWORD };
        return typeOf(await server.graphql(RESET, { input })) === 'PasswordChanged';
      });
      const { data } = await server.graphql(
        `mutation ($input: LoginInput!) { login(input: $input) { __typename
            ... on SignedIn { accessToken } } }`,
        { input: { email: owner.email, password: NEW_PASSWORD } },
      );
      await Promise.all(acts.map((act) => act()));
      const { data: seen } = await server.graphql('{ viewer { session { id } } }', undefined, {
        token: data.login.accessToken,
      });
      survived += seen.viewer === null ? 0 : 1;
    } finally {
      isFinished = true;
      await Promise.all(thief);
    }
  }
  const late = await connection`select type, count(*)::int from late_rows group by type`;
  expect({ survived, late: [...late] }).toEqual({ survived: trials, late: [] });
});

test('SE-9: two operations of one person never deadlock', async () => {
  const person = await start();
  const { token } = await askForReset(server, person.email);
  const { accessToken } = person;
  const wish = { newEmail: `circle-${person.email}` };
  const acts = Array.from({ length: 6 }, () => [
    callAs(server, accessToken, REQUEST_EMAIL_CHANGE, wish),
    callAs(server, accessToken, documentOf('updateProfile'), { name: 'Ada' }),
    callAs(server, accessToken, documentOf('revokeOtherSessions')),
  ]);
  const resetting = server.graphql(RESET, {
    input: { proof: { token }, newPassword: NEW_PASSWORD },
  });
  await Promise.all([...acts.flat(), resetting]);
  const { db } = server.app.deps;
  const [{ deadlocks } = { deadlocks: -1 }] = await queryDatabase<{ deadlocks: number }>(
    db,
    sql`select deadlocks::int from pg_stat_database where datname = current_database()`,
  );
  expect(deadlocks).toBe(0);
});
