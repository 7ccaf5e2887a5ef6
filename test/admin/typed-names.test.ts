import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { mailTitled, RESEND, TITLES } from '../journeys/account-care.ts';
import { accept, createInvited, invite } from '../journeys/invitation/acts.ts';
import { giveRole } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, signUp, VERIFY_EMAIL } from '../support/journeys.ts';

/** With a long name, what an administrator wrote is too much for the access token. */
const CLAIMS = {
  ...{ notes: '$attributes.notes', restricted: '$attributes.restricted' },
  ...{ name: '$name', alias: '$name' },
};
const test = testWithServer({
  env: { EMAIL_VERIFICATION: 'optional', CLAIMS: JSON.stringify(CLAIMS), CLAIMS_MAX_BYTES: '2400' },
});

const newAddress = () => `named-${randomBytes(4).toString('hex')}@example.com`;
const LONG = '😀'.repeat(200);
const attributes = { notes: 'x'.repeat(1_500), restricted: true };

test.for([false, true])(
  'CL-3: no name typed at the acceptance takes claims out of the token (vouched for: %s)',
  async (emailVerified, { server }) => {
    const account = { email: newAddress(), emailVerified, name: 'Ada', attributes };
    const { token } = await createInvited(server, account);
    const signedIn = await accept(server, token, { password: PASSWORD, name: LONG });
    expect(signedIn).toMatchObject({ viewer: { user: { name: 'Ada' } } });
    expect(decodeJwt(signedIn.accessToken)).toMatchObject({ restricted: true, name: 'Ada' });
  },
);

test('CL-3: no name typed at the acceptance keeps roles of the invitation away', async ({
  server,
}) => {
  const roles = Array.from({ length: 20 }, (_, index) => `${'r'.repeat(55)}-${index}`);
  const holder = await signUp(server);
  for (const name of roles) await giveRole(server, holder, name);
  const { token } = await invite(server, { email: newAddress(), roles, name: 'Ada' });
  const signedIn = await accept(server, token, { password: PASSWORD, name: LONG });
  expect(signedIn).toMatchObject({ viewer: { user: { name: 'Ada' } } });
  expect(decodeJwt<{ roles: string[] }>(signedIn.accessToken).roles).toHaveLength(20);
});

test('CL-3: no name typed with the first proof of an address takes claims out of the token', async ({
  server,
}) => {
  const email = newAddress();
  await createInvited(server, { email, attributes });
  await server.graphql(RESEND, { input: { email } });
  const { token } = await mailTitled(server, email, TITLES.verify);
  const input = { proof: { token }, password: PASSWORD, name: LONG };
  const { verifyEmail } = (await server.graphql(VERIFY_EMAIL, { input })).data;
  expect(verifyEmail).toMatchObject({ __typename: 'SignedIn' });
  expect(decodeJwt(verifyEmail.accessToken)).toMatchObject({ restricted: true });
});
