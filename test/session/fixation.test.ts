import { expect } from 'vitest';
import { developmentPages } from '../../dev/pages/routes.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';

const test = testWithServer({ developmentPages });

test('SE-1: a sign-in creates a new session, whatever session the request came with', async ({
  server,
}) => {
  const attacker = await signUp(server);
  const victim = await signUp(server);
  const { data } = await server.graphql(
    LOGIN,
    { input: { email: victim.email, password: PASSWORD } },
    {
      token: attacker.accessToken,
      headers: {
        cookie: `__Host-latchkey_refresh=${attacker.refreshToken}; sid=${attacker.sessionId}`,
      },
    },
  );
  expect(data.login.viewer.user.id).toBe(victim.userId);
  expect([attacker.sessionId, victim.sessionId]).not.toContain(data.login.viewer.session.id);
  expect([attacker.refreshToken, victim.refreshToken]).not.toContain(data.login.refreshToken);
});

test('PR-10: no log line contains the token of a link that was opened', async ({ server }) => {
  const email = 'opens-links@example.com';
  const token = 'cAnArY-of-a-link';
  await server.request(`/verify-email?token=${token}&email=${email}`);
  await server.request(`/nowhere/${token}?token=${token}`);
  expect(server.logged.some(({ path }) => path === '/verify-email')).toBe(true);
  expect(JSON.stringify(server.logged)).not.toContain(token);
});

test('PR-2: the link in a mail and the issuer come from the settings, whatever the headers say', async ({
  server,
}) => {
  const spoofs = ['host', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-original-host'];
  const headers = Object.fromEntries(spoofs.map((name) => [name, 'evil.example']));
  const email = 'spoofed@example.com';
  await server.graphql(
    'mutation ($input: RegisterInput!) { register(input: $input) { __typename } }',
    { input: { email, password: PASSWORD } },
    { headers },
  );
  const mail = await server.mailTo(email);
  expect(mail.text).toContain(`${server.app.deps.config.appUrl}/verify-email?token=`);
  expect(mail.text + mail.html).not.toContain('evil.example');
});
