import { expect } from 'vitest';
import { MINUTE } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import {
  askForReset,
  CHANGE_PASSWORD,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REAUTHENTICATE,
  RESET,
  TITLES,
  typeOf,
} from './account-care.ts';

const clock = createFakeClock();

const test = testWithServer({ clock });

const change = (server: TestServer, person: Person, input: object = {}) =>
  server.graphql(
    CHANGE_PASSWORD,
    { input: { currentPassword: person.password, newPassword: NEW_PASSWORD, ...input } },
    { token: person.accessToken },
  );

test('PW-10: a change ends every other session before the response, and the current one continues', async ({
  server,
}) => {
  const person = await signUp(server);
  const other = await signIn(server, person);
  const answer = await change(server, person);
  expect(answer.data.changePassword).toMatchObject({
    __typename: 'PasswordChanged',
    sessionsRevoked: 1,
  });
  expect((await refresh(server, other.refreshToken)).__typename).toBe('InvalidTokenError');
  expect(await isSignedIn(server, other)).toBe(false);
  expect(await isSignedIn(server, person)).toBe(true);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('SignedIn');
  await signIn(server, { email: person.email, password: NEW_PASSWORD });
  await mailTitled(server, person.email, TITLES.passwordChanged);
});

test('PW-10: without the current password nothing changes', async ({ server }) => {
  const person = await signUp(server);
  const answer = await change(server, person, { currentPassword: 'some other password' });
  expect(typeOf(answer)).toBe('InvalidCredentialsError');
  await signIn(server, person);
});

test('PW-8: a listed or personal password is rejected', async ({ server }) => {
  const person = await signUp(server, { email: 'wolfgang.amadeus@example.com' });
  for (const [newPassword, reason] of [
    ['password123', 'COMMON'],
    ['wolfgang.amadeus1', 'CONTAINS_PERSONAL_DATA'],
    ['short', 'TOO_SHORT'],
  ]) {
    const { data } = await change(server, person, { newPassword });
    expect(data.changePassword.reasons).toContain(reason);
  }
});

test('SE-6: a session with an old authentication gets the methods to reauthenticate with, and may then change the password', async ({
  server,
}) => {
  const person = await signUp(server);
  clock.advance(11 * MINUTE);
  const refused = await change(server, person);
  expect(refused.data.changePassword).toMatchObject({
    __typename: 'StepUpRequiredError',
    maxAgeSeconds: 600,
    methods: ['PASSWORD'],
  });
  const { data } = await server.graphql(
    REAUTHENTICATE,
    { input: { password: person.password } },
    { token: person.accessToken },
  );
  expect(typeOf(await change(server, { ...person, ...data.reauthenticate }))).toBe(
    'PasswordChanged',
  );
});

test('a reset mail that was requested before the change is void after it', async ({ server }) => {
  const person = await signUp(server);
  const { token } = await askForReset(server, person.email);
  await change(server, person);
  const reset = await server.graphql(RESET, {
    input: { proof: { token }, newPassword: 'a third one, just as good' },
  });
  expect(typeOf(reset)).toBe('InvalidTokenError');
});

test('of two concurrent changes from one session, one succeeds and the other finds its password outdated', async ({
  server,
}) => {
  const person = await signUp(server);
  const passwords = [NEW_PASSWORD, 'a third one, just as good'];
  const answers = await Promise.all(
    passwords.map((newPassword) => change(server, person, { newPassword })),
  );
  expect(answers.map(typeOf).sort()).toEqual(['InvalidCredentialsError', 'PasswordChanged']);
  const winner = passwords[answers.findIndex((answer) => typeOf(answer) === 'PasswordChanged')];
  await signIn(server, { email: person.email, password: winner ?? '' });
});
