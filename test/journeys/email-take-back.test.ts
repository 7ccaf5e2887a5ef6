import { expect } from 'vitest';
import { build } from '../../src/db/statement.ts';
import { identities } from '../../src/db/tables/identity.ts';
import { emailFactors } from '../../src/db/tables/second-factor.ts';
import { DAY, MINUTE } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, REGISTER, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { challengeOf, enrollTotp, signInWithTotp } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  countMails,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESET,
  TITLES,
  typeOf,
  UNDO_EMAIL_CHANGE,
} from './account-care.ts';

const clock = createFakeClock();

const test = testWithServer({ clock });

const undo = (server: TestServer, token: string) =>
  server.graphql(UNDO_EMAIL_CHANGE, { input: { token } });
const login = (server: TestServer, email: string, password: string) =>
  server.graphql(LOGIN, { input: { email, password } });

/** Moves the account and returns the links that its previous address received. */
async function move(
  server: TestServer,
  person: Pick<Person, 'accessToken'>,
  from: string,
  to: string,
) {
  const options = { token: person.accessToken };
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail: to } }, options);
  const { token } = await mailTitled(server, to, TITLES.confirmChange);
  const stop = await mailTitled(server, from, TITLES.changeRequested);
  const moved = await server.graphql(
    CONFIRM_EMAIL_CHANGE,
    { input: { proof: { token } } },
    options,
  );
  expect(typeOf(moved)).toBe('EmailChanged');
  const way = await mailTitled(server, from, TITLES.changed);
  return { stop: stop.token, undo: way.token };
}

async function resetTo(server: TestServer, email: string, newPassword: string) {
  const { token } = await askForReset(server, email);
  return typeOf(await server.graphql(RESET, { input: { proof: { token }, newPassword } }));
}

test.for(['stop', 'undo'] as const)(
  'PR-7: after a second change of address, the thief’s mailbox has no undo link once the owner used the %s link',
  async (link, { server }) => {
    const victim = await signUp(server);
    const [evil, further] = [`evil-${link}@example.com`, `further-${link}@example.com`];
    const owners = await move(server, victim, victim.email, evil);
    clock.advance(MINUTE);
    const thiefs = await move(server, victim, evil, further);
    expect(typeOf(await undo(server, owners[link]))).toBe('EmailChangeUndone');
    expect(typeOf(await undo(server, thiefs.stop))).toBe('InvalidTokenError');
    expect(typeOf(await undo(server, thiefs.undo))).toBe('InvalidTokenError');
    expect(await resetTo(server, victim.email, NEW_PASSWORD)).toBe('PasswordChanged');
    expect(typeOf(await login(server, victim.email, NEW_PASSWORD))).toBe('SignedIn');
  },
);

test('PR-7: a thief who undoes first does not invalidate the owner’s older link', async ({
  server,
}) => {
  const victim = await signUp(server);
  const owners = await move(server, victim, victim.email, 'evil-first@example.com');
  clock.advance(MINUTE);
  const thiefs = await move(server, victim, 'evil-first@example.com', 'further-first@example.com');
  expect(typeOf(await undo(server, thiefs.undo))).toBe('EmailChangeUndone');
  const { data } = await undo(server, owners.undo);
  expect(data.undoEmailChange).toMatchObject({ email: victim.email });
});

test('PR-7: an undo of the address removes what the intruder set up, keeps older credentials and notifies both addresses', async ({
  server,
}) => {
  const victim = await signUp(server);
  const { db, random } = server.app.deps;
  const link = (subject: string) =>
    queryDatabase(
      db,
      build.insert(identities).values({
        id: newId({ clock, random }),
        userId: victim.userId,
        issuer: 'https://issuer.example',
        subject,
        linkedAt: clock.now(),
      }),
    );
  await link('owners');
  clock.advance(MINUTE);
  const evil = 'evil-planter@example.com';
  const owners = await move(server, victim, victim.email, evil);
  clock.advance(MINUTE);
  await link('thiefs');
  await enrollTotp(server, victim);
  await queryDatabase(
    db,
    build.insert(emailFactors).values({ userId: victim.userId, confirmedAt: clock.now() }),
  );

  expect(typeOf(await undo(server, owners.undo))).toBe('EmailChangeUndone');
  expect(typeOf(await login(server, victim.email, victim.password))).toBe(
    'InvalidCredentialsError',
  );
  await mailTitled(server, victim.email, TITLES.undone);
  await mailTitled(server, evil, TITLES.leftBehind);
  expect(await resetTo(server, victim.email, NEW_PASSWORD)).toBe('PasswordChanged');
  // No second factor is required, because the owner had none.
  await signIn(server, { email: victim.email, password: NEW_PASSWORD });
  const left = await queryDatabase(
    db,
    build.select({ subject: identities.subject }).from(identities),
  );
  expect(left).toEqual([{ subject: 'owners' }]);
});

test('PR-7: the owner’s own second factor is kept by an undo of the address', async ({
  server,
}) => {
  const owner = await enrollTotp(server, await signUp(server));
  // The link of the enrollment has expired: the factor is older than everything connected with the change.
  clock.advance(4 * DAY);
  const { accessToken } = await signInWithTotp(server, owner);
  const victim = { ...owner, accessToken };
  const owners = await move(server, victim, victim.email, 'evil-app@example.com');
  expect(typeOf(await undo(server, owners.undo))).toBe('EmailChangeUndone');
  expect(await resetTo(server, victim.email, NEW_PASSWORD)).toBe('PasswordChanged');
  const { methods } = await challengeOf(server, { ...victim, password: NEW_PASSWORD });
  expect(methods).toEqual(['TOTP', 'BACKUP_CODE']);
});

test('PR-7: an old address that was never verified gets no link and no mail', async () => {
  const optional = await startTestServer({ env: { EMAIL_VERIFICATION: 'optional' } });
  const [email, newEmail] = ['never-proven@example.com', 'proven@example.com'];
  const registered = await optional.graphql(REGISTER, { input: { email, password: NEW_PASSWORD } });
  const token = registered.data.register.accessToken;
  await optional.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, { token });
  const proof = { token: (await mailTitled(optional, newEmail, TITLES.confirmChange)).token };
  const moved = await optional.graphql(CONFIRM_EMAIL_CHANGE, { input: { proof } }, { token });
  expect(typeOf(moved)).toBe('EmailChanged');
  await askForReset(optional, newEmail);
  expect(countMails(optional, email, TITLES.changeRequested)).toBe(0);
  expect(countMails(optional, email, TITLES.changed)).toBe(0);
  await optional.close();
});
