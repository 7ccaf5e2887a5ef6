import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { MINUTE } from '../../../src/kernel/duration.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signIn, signUp } from '../../support/journeys.ts';
import {
  enrollAsFactor,
  mfaProof,
  PASSKEY_MFA,
  reauthenticateWithPasskey,
  reauthenticationProof,
  verifyPasskey,
} from '../../support/passkey-factor.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  present,
  signInProof,
  startEnrollment,
} from '../../support/passkeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { callAs, challengeOf, enrollTotp, MFA } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

async function withPasskey(server: TestServer) {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  const { passkey } = await enroll(server, person, authenticator);
  return { person, authenticator, passkey };
}

describe('PK-2d: a passkey reauthenticates with both factors at once', () => {
  test('SE-6: it steps up a person without a second factor', async ({ server }) => {
    const { person, authenticator, passkey } = await withPasskey(server);
    clock.advance(11 * MINUTE);
    const input = { passkeyId: passkey.id };
    const refused = await callAs(server, person.accessToken, PASSKEY_MFA.remove, input);
    expect(refused).toMatchObject({
      __typename: 'StepUpRequiredError',
      methods: ['PASSKEY', 'PASSWORD'],
    });
    const renewed = await reauthenticateWithPasskey(server, person.accessToken, authenticator);
    expect(renewed.__typename).toBe('SignedIn');
    expect(decodeJwt(renewed.accessToken)['amr']).toEqual(
      expect.arrayContaining(['pop', 'user', 'mfa']),
    );
    const removed = await callAs(server, renewed.accessToken, PASSKEY_MFA.remove, input);
    expect(removed.__typename).toBe('PasskeyRemoved');
  });

  test('TO-7: it steps up a person whose second factor is an app, although it is no second factor itself', async ({
    server,
  }) => {
    const { person, authenticator } = await withPasskey(server);
    await enrollTotp(server, person);
    clock.advance(11 * MINUTE);
    const refused = await callAs(server, person.accessToken, MFA.disableTotp);
    expect(refused).toMatchObject({
      __typename: 'StepUpRequiredError',
      methods: ['PASSKEY', 'TOTP', 'BACKUP_CODE'],
    });
    const renewed = await reauthenticateWithPasskey(server, person.accessToken, authenticator);
    const disabled = await callAs(server, renewed.accessToken, MFA.disableTotp);
    expect(disabled.__typename).toBe('MfaDisabled');
  });

  test('PK-2c, PK-2e: without user verification, by another person, twice, in another session: refused and recorded', async ({
    server,
  }) => {
    const { person, authenticator } = await withPasskey(server);
    const thief = await withPasskey(server);
    const [foreign] = thief.authenticator.passkeys;
    const { accessToken } = person;
    const other = await signIn(server, person);
    const present = (token: string, passkey: object) =>
      callAs(server, token, PASSKEY_MFA.reauthenticate, { passkey });
    const unverified = await reauthenticationProof(server, accessToken, authenticator, {
      overrides: { userVerified: false },
    });
    const theirs = await reauthenticationProof(server, accessToken, thief.authenticator, {
      ...(foreign && { passkey: foreign }),
    });
    const right = await reauthenticationProof(server, accessToken, authenticator);
    const answers = [
      await present(accessToken, unverified),
      await present(accessToken, theirs),
      await present(other.accessToken, right),
    ];
    const done = await present(accessToken, right);
    expect(done.__typename).toBe('SignedIn');
    answers.push(await present(done.accessToken, right));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify(answers[0])]),
    );
    expect(answers[0]?.__typename).toBe('InvalidPasskeyError');
    const rows = await queryDatabase<{ reason: string }>(
      server.app.deps.db,
      sql`select detail->>'reason' as reason from audit_events
        where user_id = ${person.userId} and type = 'REAUTHENTICATION_FAILED'`,
    );
    expect(rows.map(({ reason }) => reason).sort()).toEqual([
      'ceremony-spent',
      'other-binding',
      'other-person',
      'user-not-verified',
    ]);
  });

  test('a person without a passkey starts none', async ({ server }) => {
    const { accessToken } = await signUp(server);
    const refused = await callAs(server, accessToken, PASSKEY_MFA.startReauthentication);
    expect(refused.__typename).toBe('NotFoundError');
  });

  test('a person with neither password nor second factor may still use the mailbox: the passkey may be elsewhere', async ({
    server,
  }) => {
    const { person } = await withPasskey(server);
    await queryDatabase(
      server.app.deps.db,
      sql`update users set password_hash = null where id = ${person.userId}`,
    );
    clock.advance(11 * MINUTE);
    const refused = await callAs(server, person.accessToken, PASSKEY_MFA.enable);
    expect(refused).toMatchObject({ methods: ['PASSKEY', 'EMAIL'] });
  });
});

type Purpose = 'sign-in' | 'second factor' | 'reauthentication' | 'enrollment';
const PURPOSES: readonly Purpose[] = ['sign-in', 'second factor', 'reauthentication', 'enrollment'];

describe('PK-1a: a ceremony of one purpose is worthless for another', () => {
  test.for(PURPOSES.flatMap((made) => PURPOSES.map((used) => [made, used] as const)))(
    'made for %s, used for %s',
    async ([made, used], { server }) => {
      const person = await signUp(server);
      const authenticator = authenticatorFor(server);
      await enrollAsFactor(server, person, authenticator);
      const { challengeToken } = await challengeOf(server, person);
      const token = person.accessToken;
      const spare = authenticatorFor(server);
      const creation = await startEnrollment(server, person);
      const proofs = {
        'sign-in': await signInProof(server, authenticator),
        'second factor': await mfaProof(server, challengeToken, authenticator),
        reauthentication: await reauthenticationProof(server, token, authenticator),
        enrollment: {
          ceremonyToken: creation.ceremonyToken,
          assertion: authenticator.get({
            rpId: server.app.deps.config.passkeys.rpId,
            challenge: creation.options['challenge'],
            allowCredentials: [],
          }),
        },
      };
      const proof = proofs[made];
      const challenge = { challenge: challengeIn(proof.assertion.clientDataJSON) };
      const attestation = spare.create({ ...creation.options, ...challenge });
      const outcome = {
        'sign-in': async () => (await present(server, proof)).__typename,
        'second factor': async () =>
          (await verifyPasskey(server, challengeToken, proof)).__typename,
        reauthentication: async () =>
          (await callAs(server, token, PASSKEY_MFA.reauthenticate, { passkey: proof })).__typename,
        enrollment: async () => {
          const { ceremonyToken } = proof;
          const input = { ceremonyToken, attestation };
          return (await callAs(server, token, PASSKEY.completeEnrollment, input)).__typename;
        },
      }[used];
      const right = used === 'enrollment' ? 'PasskeyAdded' : 'SignedIn';
      expect(await outcome()).toBe(made === used ? right : 'InvalidPasskeyError');
    },
  );
});

function challengeIn(clientDataJSON: string): string {
  return JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()).challenge;
}
