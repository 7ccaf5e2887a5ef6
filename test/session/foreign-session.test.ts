import { expect } from 'vitest';
import { isSignedIn } from '../journeys/account-care.ts';
import { testWithServer } from '../support/fixture.ts';
import { signIn, signUp } from '../support/journeys.ts';
import { callAs } from '../support/second-factor.ts';

const test = testWithServer();

const REVOKE = `mutation ($input: RevokeSessionInput!) {
  revokeSession(input: $input) { __typename ... on Error { message } } }`;

test('SE-4: revokeSession answers NotFoundError for another person’s session and does not end it', async ({
  server,
}) => {
  const [person, stranger] = [await signUp(server), await signUp(server)];
  const second = await signIn(server, person);
  const revoke = (sessionId: string) => callAs(server, stranger.accessToken, REVOKE, { sessionId });
  const foreign = await revoke(person.sessionId);
  expect(foreign).toEqual(await revoke('0199a0a0-0000-7000-8000-000000000001'));
  expect(foreign.__typename).toBe('NotFoundError');
  expect(await isSignedIn(server, person)).toBe(true);
  const own = await callAs(server, person.accessToken, REVOKE, { sessionId: second.sessionId });
  expect(own.__typename).not.toBe('NotFoundError');
  expect(await isSignedIn(server, second)).toBe(false);
});
