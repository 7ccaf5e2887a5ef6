import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOGIN, signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('LG-6: a sign-in after five failures is mailed, one after four is not', async () => {
  const careless = await signInAfter(4);
  const attacked = await signInAfter(5);
  const mail = await server.mailTo(attacked, 2);
  expect(mail.subject).toBe('Sign-in after failed attempts');
  // The oldest leave first: had the first person a mail, it would be there by now.
  expect(server.mails.filter(({ to }) => to === careless)).toHaveLength(1);
});

async function signInAfter(failures: number): Promise<string> {
  const person = await signUp(server);
  const { email } = person;
  for (let failure = 0; failure < failures; failure += 1) {
    await server.graphql(LOGIN, { input: { email, password: 'not this one' } });
  }
  await signIn(server, person);
  return email;
}
