import { expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import {
  PASSWORD,
  REFRESH,
  REGISTER,
  refresh,
  signIn,
  signUp,
  VERIFY_EMAIL,
} from '../support/journeys.ts';

const test = testWithServer();

const VIEWER = `{ viewer { user { email emailVerified } session { id current methods }
  sessions { edges { node { id current } } pageInfo { hasNextPage } } } }`;

test('a person registers, verifies by code, is signed in, stays signed in and signs out', async ({
  server,
}) => {
  const email = 'ada@example.com';
  const input = { email: ' Ada@Example.com'.trim(), password: PASSWORD, name: 'Ada' };
  const registered = await server.graphql(REGISTER, { input });
  expect(registered.data.register).toMatchObject({
    __typename: 'EmailVerificationRequired',
    email,
  });

  const { code } = await server.mailTo(email);
  const proof = { code: { email, code } };
  const { registrationToken } = registered.data.register;
  const verified = await server.graphql(VERIFY_EMAIL, { input: { proof, registrationToken } });
  const signedIn = verified.data.verifyEmail;
  expect(signedIn.__typename).toBe('SignedIn');

  const viewer = await server.graphql(VIEWER, undefined, { token: signedIn.accessToken });
  expect(viewer.data.viewer).toMatchObject({
    user: { email, emailVerified: true },
    session: { current: true, methods: ['email'] },
  });

  const { data } = await server.graphql(REFRESH, {
    input: { refreshToken: signedIn.refreshToken },
  });
  expect(data.refreshToken.__typename).toBe('SignedIn');
  expect(data.refreshToken.viewer.session.id).toBe(signedIn.viewer.session.id);

  const logout = `mutation { logout { __typename } }`;
  const out = await server.graphql(logout, undefined, { token: data.refreshToken.accessToken });
  expect(out.data.logout.__typename).toBe('SignedOut');
  const after = await server.graphql(VIEWER, undefined, { token: data.refreshToken.accessToken });
  expect(after.data.viewer).toBeNull();
  const again = await server.graphql(logout, undefined, { token: data.refreshToken.accessToken });
  expect(again.data.logout.__typename).toBe('NotAuthenticatedError');
});

test('a person signs in with the password', async ({ server }) => {
  const person = await signUp(server);
  const second = await signIn(server, person);
  expect(second.sessionId).not.toBe(person.sessionId);
});

test('SE-6: reauthentication renews the session, and the old refresh token leads to the successor', async ({
  server,
}) => {
  const person = await signUp(server);
  const mutation = `mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) {
    __typename ... on SignedIn { refreshToken accessToken viewer { session { id methods } } } } }`;
  const token = person.accessToken;
  const wrong = await server.graphql(mutation, { input: { password: 'not this one' } }, { token });
  expect(wrong.data.reauthenticate.__typename).toBe('InvalidCredentialsError');
  const { data } = await server.graphql(mutation, { input: { password: PASSWORD } }, { token });
  expect(data.reauthenticate.viewer.session.id).toBe(person.sessionId);
  const replay = await server.graphql(REFRESH, { input: { refreshToken: person.refreshToken } });
  expect(replay.data.refreshToken.refreshToken).toBe(data.reauthenticate.refreshToken);
});

test('TK-7, TK-9: signing out ends every access token of the session at once, whatever its text', async ({
  server,
}) => {
  const person = await signUp(server);
  const renewed = await refresh(server, person.refreshToken);
  expect(renewed.accessToken).not.toBe(person.accessToken);
  const { data } = await server.graphql('mutation { logout { __typename } }', undefined, {
    token: renewed.accessToken,
  });
  expect(data.logout.__typename).toBe('SignedOut');
  for (const token of [person.accessToken, renewed.accessToken]) {
    expect((await server.graphql(VIEWER, undefined, { token })).data.viewer).toBeNull();
  }
});
