import { describe, expect } from 'vitest';
import { testWithServer } from '../../support/fixture.ts';
import { type Person, signUp } from '../../support/journeys.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  signInProof,
  startEnrollment,
} from '../../support/passkeys.ts';
import type { TestServer } from '../../support/server.ts';

const test = testWithServer({
  env: { RATE_LIMITS: '{"changes.session":{"allowance":300,"period":"1h"}}' },
});

const encode = (text: string) => Buffer.from(text).toString('base64url');

/** What a field of a ceremony may be instead of what it is. A value of another type never reaches the server. */
const BAD: Readonly<Record<string, unknown>> = {
  missing: undefined,
  null: null,
  empty: '',
  oversized: 'A'.repeat(40_000),
  'not base64url': 'not base64url!',
  padded: `${encode('{}')}==`,
  'not canonical': 'AB',
  'no JSON': encode('{"type":'),
  'JSON of another form': encode('[]'),
  'a number': 7,
  'a list': ['A'],
  'an object': { A: 'A' },
  'truncated CBOR': Buffer.of(0xa3, 0x63, 0x66).toString('base64url'),
  'deep CBOR': Buffer.alloc(20_000, 0x81).toString('base64url'),
};

const KINDS = ['InvalidInputError', 'InvalidPasskeyError'];

function expectRefused(
  answer: Awaited<ReturnType<TestServer['graphql']>>,
  field: string,
  how: string,
): void {
  expect(answer.status, how).toBeLessThan(500);
  const kind = answer.data?.[field]?.__typename;
  // A missing or mistyped variable is an error of the request.
  expect(answer.errors.length === 1 || KINDS.includes(kind), `${how}: ${answer.text}`).toBe(true);
  for (const { extensions } of answer.errors) {
    expect(extensions?.['code'], how).not.toBe('INTERNAL_SERVER_ERROR');
  }
}

describe('PK-7: whatever a field of a ceremony is, it is refused and never a fault', () => {
  test.for([
    'ceremonyToken',
    'id',
    'clientDataJSON',
    'authenticatorData',
    'signature',
    'userHandle',
  ])('of a sign-in: %s', async (name, { server }) => {
    const authenticator = authenticatorFor(server);
    await enroll(server, await signUp(server), authenticator);
    for (const [how, value] of Object.entries(BAD)) {
      const { ceremonyToken, assertion } = await signInProof(server, authenticator);
      const proof =
        name === 'ceremonyToken'
          ? { ceremonyToken: value, assertion }
          : { ceremonyToken, assertion: { ...assertion, [name]: value } };
      const answer = await server.graphql(String(PASSKEY.completeSignIn), { input: { proof } });
      expectRefused(answer, 'completePasskeySignIn', how);
    }
  });

  test.for(['ceremonyToken', 'id', 'clientDataJSON', 'attestationObject'])(
    'of an enrollment: %s',
    async (name, { server }) => {
      const person: Person = await signUp(server);
      const token = person.accessToken;
      for (const [how, value] of Object.entries(BAD)) {
        const { ceremonyToken, options } = await startEnrollment(server, person);
        const attestation = authenticatorFor(server).create(options);
        const input =
          name === 'ceremonyToken'
            ? { ceremonyToken: value, attestation }
            : { ceremonyToken, attestation: { ...attestation, [name]: value } };
        const query = String(PASSKEY.completeEnrollment);
        const answer = await server.graphql(query, { input }, { token });
        expectRefused(answer, 'completePasskeyEnrollment', how);
      }
    },
  );
});
