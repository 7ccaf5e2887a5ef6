import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { run } from '../../../src/db/executor.ts';
import { auditEvents } from '../../../src/db/tables/audit-event.ts';
import { passkeyHandles, passkeys, spentCeremonies } from '../../../src/db/tables/passkey.ts';
import { createSchema } from '../../../src/graphql-engine/schema.ts';
import { after, HOUR, MINUTE, SECOND } from '../../../src/kernel/duration.ts';
import { purgeSpentCeremonies } from '../../../src/proofs/passkey/store.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { LOGIN, type Person, signIn, signUp } from '../../support/journeys.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  present,
  signInProof,
  signInWithPasskey,
  startEnrollment,
} from '../../support/passkeys.ts';
import { countRowsOf, queryDatabase } from '../../support/query-database.ts';
import { enrollTotp, mailCount } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';

const clock = createFakeClock();
const test = testWithServer(() => ({ clock }));

/** A person with a passkey in an authenticator of their own. */
async function withPasskey(server: TestServer, model: Parameters<typeof authenticatorFor>[1] = {}) {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server, model);
  const added = await enroll(server, person, authenticator);
  expect(added.__typename).toBe('PasskeyAdded');
  return { person, authenticator, added };
}

const rowOf = async (server: TestServer, { userId }: Person) => {
  const [row] = await queryDatabase<{
    readonly counter: string;
    readonly backed_up: boolean;
    readonly last_used_at: Date | null;
    readonly counter_alarm_at: Date | null;
  }>(server.app.deps.db, sql`select * from passkeys where user_id = ${userId}`);
  if (!row) throw new TypeError('no passkey');
  return { ...row, counter: Number(row.counter) };
};

const reasons = async (server: TestServer, { userId }: Person) =>
  (
    await queryDatabase<{ readonly reason: string }>(
      server.app.deps.db,
      sql`select detail ->> 'reason' as reason from audit_events
        where type = 'PASSKEY_FAILED' and user_id = ${userId}`,
    )
  )
    .map(({ reason }) => reason)
    .toSorted();

test('PK-2d: a passkey signs in without an address, as both factors at once', async ({
  server,
}) => {
  const { person, authenticator, added } = await withPasskey(server);
  const signedIn = await signInWithPasskey(server, authenticator);
  expect(signedIn.__typename).toBe('SignedIn');
  expect(signedIn.viewer.user.id).toBe(person.userId);
  expect(decodeJwt(signedIn.accessToken)['amr']).toEqual(['pop', 'user', 'mfa']);
  const [session] = await queryDatabase<{ readonly isProven: boolean }>(
    server.app.deps.db,
    sql`select second_factor_at = authenticated_at as "isProven" from sessions
      where id = ${signedIn.viewer.session.id}`,
  );
  expect(session?.isProven).toBe(true);
  const token = signedIn.accessToken;
  const { data } = await server.graphql(PASSKEY.viewer, undefined, { token });
  const { passkeys: listed, passkeySignals } = data.viewer;
  expect(listed).toMatchObject([{ id: added.passkey.id, name: 'Passkey', synced: true }]);
  expect(listed[0].lastUsedAt).toBe(clock.now().toISOString());
  const [stored] = authenticator.passkeys;
  expect(passkeySignals).toEqual({
    rpId: 'localhost',
    name: person.email,
    displayName: person.email,
    credentialIds: [stored?.id],
    userHandle: stored?.userHandle,
  });
});

test('PK-2d: a person with an authenticator app is asked for no code after a passkey', async ({
  server,
}) => {
  const { person, authenticator } = await withPasskey(server);
  await enrollTotp(server, await signIn(server, person));
  const { data } = await server.graphql(LOGIN, {
    input: { email: person.email, password: person.password },
  });
  expect(data.login.__typename).toBe('MfaRequired');
  expect((await signInWithPasskey(server, authenticator)).__typename).toBe('SignedIn');
});

test('PK-5c: after a passkey was added, the password still signs in alone', async ({ server }) => {
  const { person } = await withPasskey(server);
  await expect(signIn(server, person)).resolves.toMatchObject({ userId: person.userId });
});

describe('PK-1a: a ceremony', () => {
  test('works once, after a success and after a failure', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server);
    const right = await signInProof(server, authenticator);
    expect((await present(server, right)).__typename).toBe('SignedIn');
    expect((await present(server, right)).__typename).toBe('InvalidPasskeyError');
    const next = await signInProof(server, authenticator);
    const signature = right.assertion.signature;
    const wrong = { ...next, assertion: { ...next.assertion, signature } };
    expect((await present(server, wrong)).__typename).toBe('InvalidPasskeyError');
    expect((await present(server, next)).__typename).toBe('InvalidPasskeyError');
    expect(await reasons(server, person)).toEqual(['wrong-signature']);
  });

  test('ends after ten minutes', async ({ server }) => {
    const { authenticator } = await withPasskey(server);
    const proof = await signInProof(server, authenticator);
    clock.advance(10 * 60_000);
    expect((await present(server, proof)).__typename).toBe('InvalidPasskeyError');
  });

  test('stays spent when an instance whose clock is ahead removes expired rows', async ({
    server,
  }) => {
    const { authenticator } = await withPasskey(server);
    const proof = await signInProof(server, authenticator);
    expect((await present(server, proof)).__typename).toBe('SignedIn');
    clock.advance(10 * MINUTE - SECOND);
    const purgeAhead = async (ahead: number) => {
      const page = { now: after(clock.now(), ahead), behind: null, limit: 5000 };
      await run(server.app.deps.db, purgeSpentCeremonies(page));
      return await countRowsOf(server.app.deps.db, spentCeremonies);
    };
    expect(await purgeAhead(2 * SECOND)).toBeGreaterThan(0);
    expect((await present(server, proof)).__typename).toBe('InvalidPasskeyError');
    expect(await purgeAhead(HOUR + 2 * SECOND)).toBe(0);
  });

  test('of an enrollment signs nobody in, and one of a sign-in enrolls nothing', async ({
    server,
  }) => {
    const { person, authenticator } = await withPasskey(server);
    const enrollment = await startEnrollment(server, person);
    const { data } = await server.graphql(PASSKEY.startSignIn);
    const { ceremonyToken, options } = data.startPasskeySignIn;
    const assertion = authenticator.get({ ...options, challenge: enrollment.options['challenge'] });
    const crossed = await present(server, { ceremonyToken: enrollment.ceremonyToken, assertion });
    expect(crossed.__typename).toBe('InvalidPasskeyError');
    const attestation = authenticatorFor(server).create({
      ...enrollment.options,
      challenge: options['challenge'],
    });
    const answer = await server.graphql(
      PASSKEY.completeEnrollment,
      { input: { ceremonyToken, attestation } },
      { token: person.accessToken },
    );
    expect(answer.data.completePasskeyEnrollment.__typename).toBe('InvalidPasskeyError');
  });

  test('of an enrollment belongs to its session', async ({ server }) => {
    const person = await signUp(server);
    const other = await signIn(server, person);
    const { ceremonyToken, options } = await startEnrollment(server, person);
    const attestation = authenticatorFor(server).create(options);
    const { data } = await server.graphql(
      PASSKEY.completeEnrollment,
      { input: { ceremonyToken, attestation } },
      { token: other.accessToken },
    );
    expect(data.completePasskeyEnrollment.__typename).toBe('InvalidPasskeyError');
    expect(await reasons(server, person)).toEqual(['other-binding']);
  });

  test('writes no row when it starts', async ({ server }) => {
    const person = await signUp(server);
    const tables = [passkeys, passkeyHandles, spentCeremonies, auditEvents];
    const count = () => Promise.all(tables.map((table) => countRowsOf(server.app.deps.db, table)));
    const before = await count();
    for (let times = 0; times < 20; times += 1) {
      await server.graphql(PASSKEY.startSignIn);
      await startEnrollment(server, person);
    }
    expect(await count()).toEqual(before);
  });
});

test('PK-1b: an assertion of an earlier ceremony is refused with the token of a live one', async ({
  server,
}) => {
  const { person, authenticator } = await withPasskey(server);
  const { assertion } = await signInProof(server, authenticator);
  const live = await signInProof(server, authenticator);
  const replayed = await present(server, { ...live, assertion });
  expect(replayed.__typename).toBe('InvalidPasskeyError');
  expect(await reasons(server, person)).toEqual(['other-challenge']);
});

test('PK-2b: neither the Host header nor the body decides about RP ID and origins', async ({
  server,
}) => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
  const spoofed = await server.graphql(PASSKEY.startSignIn, undefined, { headers });
  expect(spoofed.data.startPasskeySignIn.options).toMatchObject({ rpId: 'localhost' });
  const { authenticator } = await withPasskey(server);
  const proof = await signInProof(server, authenticator);
  const { errors } = await server.graphql(PASSKEY.completeSignIn, {
    input: { proof: { ...proof, rpId: 'evil.example' } },
  } as never);
  expect(errors).toHaveLength(1);
});

describe('PK-4b: the user handle', () => {
  test('a foreign or missing user handle is refused', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server);
    const other = await withPasskey(server);
    const userHandle = other.authenticator.passkeys[0]?.userHandle ?? '';
    for (const given of [userHandle, null]) {
      const answer = await signInWithPasskey(server, authenticator, { userHandle: given });
      expect(answer.__typename).toBe('InvalidPasskeyError');
    }
    expect(await reasons(server, person)).toEqual(['no-user-handle', 'other-user-handle']);
  });

  test('is 64 random bytes of its own for each person, and the same for all of their passkeys', async ({
    server,
  }) => {
    const one = await withPasskey(server);
    const two = await withPasskey(server);
    const second = await startEnrollment(server, one.person);
    const [handle, other] = [one, two].map(
      ({ authenticator }) => authenticator.passkeys[0]?.userHandle ?? '',
    );
    expect(Buffer.from(handle ?? '', 'base64url')).toHaveLength(64);
    expect(other).not.toBe(handle);
    expect(second.options).toMatchObject({
      user: { id: handle },
      excludeCredentials: [{ id: one.authenticator.passkeys[0]?.id }],
    });
  });
});

test('PK-4c: no operation takes an address to begin a sign-in with a passkey', () => {
  const start = createSchema().getMutationType()?.getFields()['startPasskeySignIn'];
  expect(start?.args).toEqual([]);
});

describe('PK-3: the counter of a passkey', () => {
  // 0 after 0 is no counter (L3 6.1.1).
  const cells = [
    { from: 0, to: 0, hasRisen: true },
    { from: 5, to: 6, hasRisen: true },
    { from: 5, to: 5, hasRisen: false },
    { from: 5, to: 0, hasRisen: false },
  ];
  const kinds = [
    { kind: 'bound to one device', synced: false },
    { kind: 'synced', synced: true },
  ];

  test.for(kinds.flatMap((kind) => cells.map((cell) => ({ ...kind, ...cell }))))(
    '$kind: $to after $from',
    async ({ synced, from, to, hasRisen }, { server }) => {
      const { person, authenticator } = await withPasskey(server, { synced });
      await queryDatabase(
        server.app.deps.db,
        sql`update passkeys set counter = ${from} where user_id = ${person.userId}`,
      );
      const mails = await mailCount(server, person.email);
      const answer = await signInWithPasskey(server, authenticator, { counter: to });
      const isAccepted = hasRisen || synced;
      expect(answer.__typename).toBe(isAccepted ? 'SignedIn' : 'InvalidPasskeyError');
      const row = await rowOf(server, person);
      expect(row).toMatchObject({
        counter: Math.max(from, to),
        counter_alarm_at: hasRisen ? null : clock.now(),
        last_used_at: isAccepted ? clock.now() : null,
      });
      const alarms = await queryDatabase(
        server.app.deps.db,
        sql`select detail -> 'refused' as refused from audit_events
          where type = 'PASSKEY_COUNTER_ALARM' and user_id = ${person.userId}`,
      );
      expect(alarms).toEqual(hasRisen ? [] : [{ refused: !synced }]);
      expect(await mailCount(server, person.email)).toBe(mails + (isAccepted ? 0 : 1));
    },
  );

  test('a forged signature with a high counter changes nothing', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server, { synced: false });
    const forger = await withPasskey(server, { synced: false });
    const privateKey = forger.authenticator.passkeys[0]?.privateKey;
    if (!privateKey) throw new TypeError('no passkey');
    const before = await rowOf(server, person);
    const answer = await signInWithPasskey(server, authenticator, { counter: 9_999, privateKey });
    expect(answer.__typename).toBe('InvalidPasskeyError');
    expect(await rowOf(server, person)).toEqual(before);
  });

  test('an alarm is mailed once a day, whatever is presented', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server, { synced: false });
    const mails = await mailCount(server, person.email);
    for (let times = 0; times < 3; times += 1) {
      await signInWithPasskey(server, authenticator, { counter: 1 });
    }
    expect(await mailCount(server, person.email)).toBe(mails + 1);
    clock.advance(24 * 60 * 60_000 + 1);
    await signInWithPasskey(server, authenticator, { counter: 1 });
    expect(await mailCount(server, person.email)).toBe(mails + 2);
  });
});

test('PK-3b: of ten parallel assertions of one key, the counter is the highest in the end', async ({
  server,
}) => {
  const { person, authenticator } = await withPasskey(server, { synced: false });
  const proofs = await Promise.all(
    Array.from({ length: 10 }, () => signInProof(server, authenticator)),
  );
  const answers = await Promise.all(proofs.map((proof) => present(server, proof)));
  expect(answers.some(({ __typename }) => __typename === 'SignedIn')).toBe(true);
  expect((await rowOf(server, person)).counter).toBe(11);
});

describe('PK-6: the account', () => {
  test('if it is disabled, is signed in by no passkey', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server);
    await queryDatabase(
      server.app.deps.db,
      sql`update users set disabled_at = now() where id = ${person.userId}`,
    );
    const answer = await signInWithPasskey(server, authenticator);
    expect(answer.__typename).toBe('InvalidPasskeyError');
    expect(await reasons(server, person)).toEqual(['account-disabled']);
  });

  test('if its address is not verified, must verify it first', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server);
    await queryDatabase(
      server.app.deps.db,
      sql`update users set email_verified_at = null where id = ${person.userId}`,
    );
    expect(await signInWithPasskey(server, authenticator)).toMatchObject({
      __typename: 'EmailVerificationRequired',
      email: person.email,
    });
  });

  test('if it was deleted, has no passkey any more', async ({ server }) => {
    const { person, authenticator } = await withPasskey(server);
    await queryDatabase(server.app.deps.db, sql`delete from users where id = ${person.userId}`);
    const answer = await signInWithPasskey(server, authenticator);
    expect(answer.__typename).toBe('InvalidPasskeyError');
  });
});

test('PK-7: ten mutated ceremonies get one answer, and the log gets the reasons', async ({
  server,
}) => {
  const { authenticator } = await withPasskey(server);
  const stranger = await withPasskey(server);
  const foreignKey = stranger.authenticator.passkeys[0]?.privateKey;
  if (!foreignKey) throw new TypeError('no passkey');
  const challenge = Buffer.alloc(32).toString('base64url');
  const overrides = {
    'other-origin': { origin: 'https://evil.example' },
    'cross-origin': { clientData: { crossOrigin: true } },
    'other-challenge': { challenge },
    'other-type': { type: 'webauthn.create' },
    'other-rp-id': { rpId: 'evil.example' },
    'user-not-verified': { userVerified: false },
    'user-not-present': { userPresent: false },
    'wrong-signature': { privateKey: foreignKey },
    'backup-eligibility-changed': { backupEligible: false, backedUp: false },
    'other-user-handle': { userHandle: 'AAAA' },
  };
  const bodies = new Set<string>();
  for (const override of Object.values(overrides)) {
    const proof = await signInProof(server, authenticator, override);
    const answer = await server.graphql(PASSKEY.completeSignIn, { input: { proof } });
    expect(answer.status).toBe(200);
    bodies.add(answer.text);
  }
  expect([...bodies]).toEqual([
    '{"data":{"completePasskeySignIn":{"__typename":"InvalidPasskeyError","message":"This passkey could not be verified. Try again."}}}',
  ]);
  const logged = server.logged.filter(({ message }) => message === 'passkey rejected');
  const newest = logged.slice(-Object.keys(overrides).length);
  expect(newest.map(({ ['reason']: reason }) => reason)).toEqual(Object.keys(overrides));
});
