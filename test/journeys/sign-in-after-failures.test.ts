import { expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, signIn, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

test('LG-6: a sign-in after five failures is mailed; one after four is not', async ({ server }) => {
  const careless = await signInAfter(server, 4);
  const attacked = await signInAfter(server, 5);
  const mail = await server.mailTo(attacked, 2);
  expect(mail.subject).toBe('Sign-in after failed attempts');
  // The outbox sends the oldest mails first, so a mail to the first person would have arrived by now.
  expect(server.mails.filter(({ to }) => to === careless)).toHaveLength(1);
});

async function signInAfter(server: TestServer, failures: number): Promise<string> {
  const person = await signUp(server);
  const { email } = person;
  for (let failure = 0; failure < failures; failure += 1) {
    await server.graphql(LOGIN, { input: { email, password: 'not this one' } });
  }
  await signIn(server, person);
  return email;
}
