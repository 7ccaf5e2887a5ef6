import { afterAll, beforeAll, expect } from 'vitest';
import { listSigningKeys } from '../../src/access-token/list.ts';
import { revokeSigningKey } from '../../src/access-token/revoke.ts';
import { rotateSigningKey } from '../../src/access-token/rotate.ts';
import { onAccountOf } from '../../src/account/by-address.ts';
import { disableAccount } from '../../src/account/disable.ts';
import { MINUTE } from '../../src/kernel/duration.ts';
import {
  askForReset,
  CHANGE_PASSWORD,
  countMails,
  DELETE_ACCOUNT,
  isSignedIn,
  NEW_PASSWORD,
  RESET,
  TITLES,
  typeOf,
} from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithProviders } from '../support/fixture.ts';
import {
  LOGIN,
  PASSWORD,
  type Person,
  REGISTER,
  refresh,
  signIn,
  signUp,
  VERIFY_EMAIL,
} from '../support/journeys.ts';
import { rememberDatabase } from '../support/lost-commits.ts';
import { begin, complete, countRows, roundTrip } from '../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { challengeOf, enrollTotp, mailCount, totpCode, verify } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/**
 * RR-16: everything that a client may hold and that a database without its last commits does not know, or
 * knows in an earlier state. Each test says what happens; docs/operating/high-availability.md informs operators.
 */
const clock = createFakeClock();
let provider: ForgingProvider;

const test = testWithProviders(() => [provider.setting()], { clock });
beforeAll(async () => {
  provider = await startForgingProvider(clock);
});
afterAll(async () => {
  await provider.close();
});

const logIn = (server: TestServer, email: string, password: string, more: object = {}) =>
  server.graphql(LOGIN, { input: { email, password, ...more } });

const typeOfRefresh = async (server: TestServer, token: string): Promise<string> =>
  (await refresh(server, token)).__typename;

async function theftMails(server: TestServer, person: Person): Promise<number> {
  await mailCount(server, person.email);
  return countMails(server, person.email, TITLES.reuse);
}

test('RR-16: a lost sign-in counts as signed out and not as theft', async ({ server }) => {
  const person = await signUp(server);
  const moment = await rememberDatabase(server);
  const lost = await signIn(server, person);
  await moment.loseCommits();
  expect(await isSignedIn(server, lost)).toBe(false);
  expect(await typeOfRefresh(server, lost.refreshToken)).toBe('InvalidTokenError');
  expect(await typeOfRefresh(server, person.refreshToken)).toBe('SignedIn');
  expect(await theftMails(server, person)).toBe(0);
});

test('RR-16: a lost account no longer exists, and its address can be registered again', async ({
  server,
}) => {
  const moment = await rememberDatabase(server);
  const person = await signUp(server, { email: 'lost@example.com' });
  await moment.loseCommits();
  expect(await isSignedIn(server, person)).toBe(false);
  expect(await typeOfRefresh(server, person.refreshToken)).toBe('InvalidTokenError');
  expect(typeOf(await logIn(server, person.email, person.password))).toBe(
    'InvalidCredentialsError',
  );
  expect((await signUp(server, { email: person.email })).userId).not.toBe(person.userId);
});

test('RR-16: an access token of a lost rotation is valid, because the session decides and not the token’s age', async ({
  server,
}) => {
  const person = await signUp(server);
  const moment = await rememberDatabase(server);
  const { accessToken } = await refresh(server, person.refreshToken);
  await moment.loseCommits();
  expect(await isSignedIn(server, { accessToken })).toBe(true);
});

test('RR-16: a lost change of password restores the old password and the ended sessions; the session that made the change continues', async ({
  server,
}) => {
  const person = await signUp(server);
  const other = await signIn(server, person);
  const moment = await rememberDatabase(server);
  const input = { currentPassword: person.password, newPassword: NEW_PASSWORD };
  const changed = await server.graphql(CHANGE_PASSWORD, { input }, { token: person.accessToken });
  expect(typeOf(changed)).toBe('PasswordChanged');
  // Refreshed since: its token and its credential version are newer than the database.
  const newer = await refresh(server, person.refreshToken);
  expect(newer.__typename).toBe('SignedIn');
  expect(await typeOfRefresh(server, other.refreshToken)).toBe('InvalidTokenError');
  await moment.loseCommits();

  expect(await isSignedIn(server, newer)).toBe(true);
  expect(await typeOfRefresh(server, newer.refreshToken)).toBe('SignedIn');
  // What an operator has to know: it is as if the change had never been made.
  expect(await typeOfRefresh(server, other.refreshToken)).toBe('SignedIn');
  expect(typeOf(await logIn(server, person.email, person.password))).toBe('SignedIn');
  expect(typeOf(await logIn(server, person.email, NEW_PASSWORD))).toBe('InvalidCredentialsError');
  expect(await theftMails(server, person)).toBe(0);
});

test('RR-16: after a lost sign-out, reuse, disabling or deletion, the session or account is live again', async ({
  server,
}) => {
  const [signedOut, stolen, closed, deleted] = [
    await signUp(server),
    await signUp(server),
    await signUp(server),
    await signUp(server),
  ];
  const child = await refresh(server, stolen.refreshToken);
  const current = await refresh(server, child.refreshToken);
  const moment = await rememberDatabase(server);
  const logout = 'mutation { logout { __typename } }';
  await server.graphql(logout, undefined, { token: signedOut.accessToken });
  expect(await typeOfRefresh(server, stolen.refreshToken)).toBe('InvalidTokenError');
  await onAccountOf(server.app.deps, closed.email, (tx, locked) =>
    disableAccount(server.app.deps, tx, locked),
  );
  await server.graphql(DELETE_ACCOUNT, undefined, { token: deleted.accessToken });
  await moment.loseCommits();

  for (const { refreshToken } of [signedOut, current, closed, deleted])
    expect(await typeOfRefresh(server, refreshToken)).toBe('SignedIn');
  // The thief's copy is as old as before, and is detected again.
  expect(await typeOfRefresh(server, stolen.refreshToken)).toBe('InvalidTokenError');
  expect(await isSignedIn(server, stolen)).toBe(false);
});

/** The server as it is after a restart: it knows what the database holds, and nothing else. */
async function withRestarted<T>(
  server: TestServer,
  work: (restarted: TestServer) => Promise<T>,
): Promise<T> {
  const [secret] = server.app.deps.config.secretKeys;
  const restarted = await startTestServer({
    clock,
    database: { url: server.database.url, drop: async () => undefined },
    env: { SECRET_KEYS: secret.toString('base64') },
  });
  try {
    return await work(restarted);
  } finally {
    await restarted.close();
  }
}

async function publishedBy(restarted: TestServer): Promise<readonly string[]> {
  const { keys } = await (await restarted.request('/.well-known/jwks.json')).json();
  return keys.map(({ kid }: { kid: string }) => kid);
}

test('RR-16: tokens of a lost signing key are refused, and the refresh token gets a valid one', async ({
  server,
}) => {
  const person = await signUp(server);
  const moment = await rememberDatabase(server);
  // More than a failover loses: a key is published for 16 minutes before it signs.
  for (let rotations = 0; rotations < 2; rotations += 1) {
    await rotateSigningKey(server.app.deps);
    clock.advance(20 * MINUTE);
  }
  const newer = await withRestarted(server, (restarted) => refresh(restarted, person.refreshToken));
  await moment.loseCommits();
  await withRestarted(server, async (restarted) => {
    const { kid } = JSON.parse(
      Buffer.from(newer.accessToken.split('.')[0] ?? '', 'base64url').toString(),
    );
    expect(await publishedBy(restarted)).not.toContain(kid);
    expect(await isSignedIn(restarted, newer)).toBe(false);
    const again = await refresh(restarted, newer.refreshToken);
    expect(await isSignedIn(restarted, again)).toBe(true);
  });
});

test('RR-16: a failover between the publication of a key and its first signature invalidates no token', async ({
  server,
}) => {
  const person = await signUp(server);
  await withRestarted(server, async (restarted) => {
    const before = await publishedBy(restarted);
    const moment = await rememberDatabase(server);
    // The waiting key signs at once, since it has long been published; and that rotation is lost.
    await rotateSigningKey(server.app.deps);
    const newer = await withRestarted(server, (other) => refresh(other, person.refreshToken));
    await moment.loseCommits();
    expect(await publishedBy(restarted)).toEqual(before);
    expect(await isSignedIn(restarted, newer)).toBe(true);
  });
});

test('RR-16: a lost revocation of a signing key has to be repeated', async ({ server }) => {
  const person = await signUp(server);
  const moment = await rememberDatabase(server);
  const { kid } = server.app.deps.accessTokenKeys.signingKey();
  await revokeSigningKey(server.app.deps, kid);
  await moment.loseCommits();
  const keys = await listSigningKeys(server.app.deps);
  expect(keys.find((key) => key.kid === kid)?.revokedAt).toBeNull();
  expect(await isSignedIn(server, person)).toBe(true);
  await revokeSigningKey(server.app.deps, kid);
  await withRestarted(server, async (restarted) =>
    expect(await isSignedIn(restarted, person)).toBe(false),
  );
});

test('RR-16: a lost challenge is expired; a challenge whose use was lost accepts a second factor again, even the same one', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  clock.advance(MINUTE);
  const earlier = await challengeOf(server, person);
  const moment = await rememberDatabase(server);
  const lost = await challengeOf(server, person);
  const code = totpCode(person.secret, clock.now());
  const used = await verify(server, earlier.challengeToken, 'TOTP', code);
  expect(used.__typename).toBe('SignedIn');
  const [backupCode = ''] = person.backupCodes;
  expect((await verify(server, lost.challengeToken, 'BACKUP_CODE', backupCode)).__typename).toBe(
    'SignedIn',
  );
  await moment.loseCommits();

  expect((await verify(server, lost.challengeToken, 'TOTP', code)).__typename).toBe(
    'ChallengeExpiredError',
  );
  // Nothing stores that this code was used: it is valid once more until its time step ends.
  expect((await verify(server, earlier.challengeToken, 'TOTP', code)).__typename).toBe('SignedIn');
  const next = await challengeOf(server, person);
  expect((await verify(server, next.challengeToken, 'TOTP', code)).__typename).toBe(
    'InvalidCodeError',
  );
  // A backup code does not expire: it is valid once more until it is used.
  expect((await verify(server, next.challengeToken, 'BACKUP_CODE', backupCode)).__typename).toBe(
    'SignedIn',
  );
});

test('RR-16: a second factor whose enrollment was lost is no longer required', async ({
  server,
}) => {
  const person = await signUp(server);
  const moment = await rememberDatabase(server);
  await enrollTotp(server, person);
  await moment.loseCommits();
  expect(typeOf(await logIn(server, person.email, person.password))).toBe('SignedIn');
});

test('RR-16: a lost round trip to a provider has to begin again, and one whose completion was lost signs nobody in by itself', async ({
  server,
}) => {
  const claims = {
    sub: 'lost-and-found',
    email: 'lost-and-found@example.com',
    email_verified: true,
  };
  provider.claims = claims;
  const earlier = await begin(server);
  const callbackUrl = await provider.visit(earlier.authorizationUrl);
  const moment = await rememberDatabase(server);
  const lost = await begin(server);
  const lostCallback = await provider.visit(lost.authorizationUrl);
  const { flowToken } = earlier;
  expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe('SignedIn');
  await moment.loseCommits();

  const late = await complete(server, { flowToken: lost.flowToken, callbackUrl: lostCallback });
  expect(late.__typename).not.toBe('SignedIn');
  // The flow is live again; without the browser's own secret it is still worth nothing.
  const strange = await complete(server, { flowToken: lost.flowToken, callbackUrl });
  expect(strange.__typename).not.toBe('SignedIn');
  expect((await roundTrip(server, provider, claims)).__typename).toBe('SignedIn');
  expect(await countRows(server)).toMatchObject({ identities: 1 });
});

test('RR-16: a lost mailed link is refused, and one whose use was lost is valid once more', async ({
  server,
}) => {
  const person = await signUp(server);
  const earlier = await askForReset(server, person.email);
  const moment = await rememberDatabase(server);
  const lost = await askForReset(server, person.email);
  const reset = async (token: string) =>
    typeOf(await server.graphql(RESET, { input: { proof: { token }, newPassword: NEW_PASSWORD } }));
  expect(await reset(earlier.token)).toBe('PasswordChanged');
  await moment.loseCommits();

  expect(await reset(lost.token)).toBe('InvalidTokenError');
  expect(await reset(earlier.token)).toBe('PasswordChanged');
  expect(await reset(earlier.token)).toBe('InvalidTokenError');
});

test('RR-16: a registration that was lost after its mail was delivered can be repeated', async ({
  server,
}) => {
  const email = 'registers-twice@example.com';
  const moment = await rememberDatabase(server);
  const asked = await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
  const { registrationToken } = asked.data.register;
  const { code, token } = await server.mailTo(email);
  await moment.loseCommits();
  for (const proof of [{ code: { email, code } }, { token }]) {
    const answer = await server.graphql(VERIFY_EMAIL, { input: { proof, registrationToken } });
    expect(typeOf(answer)).not.toBe('SignedIn');
  }
  expect((await signUp(server, { email })).email).toBe(email);
});

test('RR-16: a device token of a lost sign-in keeps its own limit, so strangers do not shut its owner out', async ({
  server,
}) => {
  const person = await signUp(server);
  const moment = await rememberDatabase(server);
  const document = `mutation ($input: LoginInput!) { login(input: $input) {
    __typename ... on SignedIn { deviceToken } } }`;
  const { email, password } = person;
  const { data } = await server.graphql(document, { input: { email, password } });
  const { deviceToken } = data.login;
  await moment.loseCommits();
  for (let guess = 0; guess < 12; guess += 1) await logIn(server, email, `wrong ${guess}`);
  expect(typeOf(await logIn(server, email, password))).toBe('RateLimitedError');
  expect(typeOf(await logIn(server, email, password, { deviceToken }))).toBe('SignedIn');
});

test('RR-16: lost attempts are no longer counted: as many more are allowed, and nobody waits longer', async ({
  server,
}) => {
  const person = await signUp(server);
  const { email, password } = person;
  for (let guess = 0; guess < 5; guess += 1) await logIn(server, email, `wrong ${guess}`);
  const moment = await rememberDatabase(server);
  for (let guess = 0; guess < 7; guess += 1) await logIn(server, email, `wrong again ${guess}`);
  expect(typeOf(await logIn(server, email, password))).toBe('RateLimitedError');
  await moment.loseCommits();
  expect(typeOf(await logIn(server, email, password))).toBe('SignedIn');
});
