import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { passkeys } from '../../../src/db/tables/passkey.ts';
import { sessions } from '../../../src/db/tables/session.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signUp } from '../../support/journeys.ts';
import { enrollAsFactor, mfaProof, verifyPasskey } from '../../support/passkey-factor.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  present,
  signInProof,
  startEnrollment,
} from '../../support/passkeys.ts';
import { countRowsOf, queryDatabase } from '../../support/query-database.ts';
import { challengeOf, forgetFailures } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { trialsOr } from '../../support/trials.ts';

const test = testWithServer();

const RACERS = 20;

/** The limits are not the subject. */
const openLimits = (server: TestServer) =>
  queryDatabase(server.app.deps.db, sql`delete from rate_limit_counters`);

test('PK-1a: of twenty presentations of one assertion at once, one signs in', async ({
  server,
}) => {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enroll(server, person, authenticator);
  const own = sql`user_id = ${person.userId}`;
  const wins: number[] = [];
  for (let trial = 0; trial < trialsOr(40); trial += 1) {
    await openLimits(server);
    await queryDatabase(
      server.app.deps.db,
      sql`delete from sessions where user_id = ${person.userId}`,
    );
    const proof = await signInProof(server, authenticator);
    const answers = await Promise.all(Array.from({ length: RACERS }, () => present(server, proof)));
    wins.push(answers.filter(({ __typename }) => __typename === 'SignedIn').length);
    expect(await countRowsOf(server.app.deps.db, sessions, own)).toBe(1);
  }
  expect(new Set(wins)).toEqual(new Set([1]));
}, 300_000);

test.for([
  ['one proof', true],
  ['proofs of their own', false],
] as const)(
  'PK-1a, MF-3: of twenty second steps of one challenge at once, with %s, one signs in',
  { timeout: 300_000 },
  async ([, isShared], { server }) => {
    const person = await signUp(server);
    const authenticator = authenticatorFor(server);
    await enrollAsFactor(server, person, authenticator);
    const own = sql`user_id = ${person.userId}`;
    const wins: number[] = [];
    for (let trial = 0; trial < trialsOr(20); trial += 1) {
      await openLimits(server);
      await forgetFailures(server);
      await queryDatabase(server.app.deps.db, sql`delete from sessions where ${own}`);
      const { challengeToken } = await challengeOf(server, person);
      const shared = await mfaProof(server, challengeToken, authenticator);
      const proofs = await Promise.all(
        Array.from({ length: RACERS }, () =>
          isShared ? shared : mfaProof(server, challengeToken, authenticator),
        ),
      );
      const answers = await Promise.all(
        proofs.map((proof) => verifyPasskey(server, challengeToken, proof)),
      );
      wins.push(answers.filter(({ __typename }) => __typename === 'SignedIn').length);
      expect(await countRowsOf(server.app.deps.db, sessions, own)).toBe(1);
    }
    expect(new Set(wins)).toEqual(new Set([1]));
  },
);

test('PK-4a: twenty enrollments of one credential at once, in two accounts, make one row', async ({
  server,
}) => {
  for (let trial = 0; trial < trialsOr(10); trial += 1) {
    await openLimits(server);
    const people = [await signUp(server), await signUp(server)] as const;
    const original = authenticatorFor(server);
    original.create((await startEnrollment(server, people[0])).options);
    const reuse = original.passkeys[0];
    if (!reuse) throw new TypeError('no passkey');
    const prepared = await Promise.all(
      Array.from({ length: RACERS }, async (_, index) => {
        const person = people[index % 2 === 0 ? 0 : 1];
        const { ceremonyToken, options } = await startEnrollment(server, person);
        const attestation = authenticatorFor(server, { reuse }).create(options);
        return { input: { ceremonyToken, attestation }, token: person.accessToken };
      }),
    );
    const answers = await Promise.all(
      prepared.map(async ({ input, token }) => {
        const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
        return data.completePasskeyEnrollment.__typename;
      }),
    );
    expect(answers.filter((kind) => kind === 'PasskeyAdded')).toHaveLength(1);
    expect(answers.filter((kind) => kind === 'InvalidPasskeyError')).toHaveLength(RACERS - 1);
    const same = sql`credential_id = ${Buffer.from(reuse.id, 'base64url')}`;
    expect(await countRowsOf(server.app.deps.db, passkeys, same)).toBe(1);
  }
}, 300_000);
