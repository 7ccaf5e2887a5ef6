import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { DAY } from '../../src/kernel/duration.ts';
import {
  CONFIRM_EMAIL_CHANGE,
  countMails,
  mailTitled,
  REQUEST_EMAIL_CHANGE,
  TITLES,
} from '../journeys/account-care.ts';
import {
  accept,
  administer,
  CREATE,
  createInvited,
  INVITATION_TITLE,
  INVITE,
  invite,
  LIST,
  machine,
  REVOKE,
  stateOf,
} from '../journeys/invitation/acts.ts';
import { giveRole, signUpAdministrator, signUpWithPermissions } from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const clock = createFakeClock();
const test = testWithServer({
  clock,
  env: { DEFAULT_ROLES: 'member', CLAIMS: '{"notes":"$attributes.notes"}' },
});

let count = 0;
const newAddress = () => `made-${++count}-${randomBytes(4).toString('hex')}@example.com`;

const eventsOf = (server: TestServer, type: string) =>
  queryDatabase<{ userId: string | null; actorId: string | null; detail: object }>(
    server.app.deps.db,
    `select user_id as "userId", actor_id as "actorId", detail from audit_events
      where type = '${type}' order by at desc, id desc`,
  );

test('inviteUser answers the invitation, names the inviter, and the audit log has the act (AD-6)', async ({
  server,
}) => {
  const email = newAddress();
  const admin = await signUpAdministrator(server);
  await giveRole(server, await signUp(server), 'editor');
  const input = { email: ` ${email.toUpperCase()} `, roles: ['editor'] };
  const { __typename, invitation } = await administer(server, admin.accessToken, INVITE, input);
  expect(__typename).toBe('UserInvited');
  expect(invitation).toMatchObject({ email, roles: ['editor'], invitedBy: admin.email });
  const lifetime = Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt);
  expect(lifetime).toBe(7 * DAY);
  expect((await eventsOf(server, 'INVITATION_SENT'))[0]).toEqual({
    ...{ userId: null, actorId: admin.userId },
    detail: { invitation: invitation.id, roles: 'editor', by: 'administrator' },
  });
  await administer(server, admin.accessToken, REVOKE, { invitationId: invitation.id });
  expect((await eventsOf(server, 'INVITATION_REVOKED'))[0]).toMatchObject({
    ...{ userId: null, actorId: admin.userId },
    detail: { invitation: invitation.id },
  });
});

test('AD-3: nobody invites or creates with a role whose permissions they lack', async ({
  server,
}) => {
  const helper = await signUpWithPermissions(server, 'helper', ['USERS_WRITE', 'USERS_READ']);
  await giveRole(server, await signUp(server), 'deleter', ['USERS_DELETE']);
  for (const [roles, permission] of [
    [['deleter'], 'USERS_DELETE'],
    [['admin'], expect.any(String)],
  ] as const) {
    await giveRole(server, await signUp(server), 'admin');
    for (const mutation of [INVITE, CREATE]) {
      const email = newAddress();
      const answer = await administer(server, helper.accessToken, mutation, { email, roles });
      expect(answer).toEqual({ __typename: 'ForbiddenError', permission });
      expect(await stateOf(server, email)).toMatchObject({ accounts: 0, invitations: 0 });
      expect(countMails(server, email, INVITATION_TITLE)).toBe(0);
    }
  }
  const own = { email: newAddress(), roles: ['helper'] };
  expect((await administer(server, helper.accessToken, INVITE, own)).__typename).toBe(
    'UserInvited',
  );
});

test('AD-3: nobody invites into an unverified account whose roles have permissions they lack', async ({
  server,
}) => {
  const helper = await signUpWithPermissions(server, 'helper', ['USERS_WRITE', 'USERS_READ']);
  const email = newAddress();
  await giveRole(server, await signUp(server), 'deleter', ['USERS_DELETE']);
  await createInvited(server, { email, roles: ['deleter'] });
  expect(await administer(server, helper.accessToken, INVITE, { email })).toEqual({
    ...{ __typename: 'ForbiddenError', permission: 'USERS_DELETE' },
  });
});

test('an unknown role is NotFoundError, and nothing is written', async ({ server }) => {
  const token = await machine(server);
  for (const mutation of [INVITE, CREATE]) {
    const email = newAddress();
    const answer = await administer(server, token, mutation, { email, roles: ['nobody-made-it'] });
    expect(answer.__typename).toBe('NotFoundError');
    expect(await stateOf(server, email)).toMatchObject({ accounts: 0, invitations: 0 });
  }
});

test('CL-3: roles and attributes that no access token can carry are refused', async ({
  server,
}) => {
  const token = await machine(server);
  const holder = await signUp(server);
  const roles = Array.from({ length: 25 }, (_, index) => `${'r'.repeat(55)}-${index}`);
  for (const name of roles) await giveRole(server, holder, name);
  const tooLarge = { __typename: 'InvalidInputError', issues: [{ path: ['input'] }] };
  expect(await administer(server, token, INVITE, { email: newAddress(), roles })).toEqual(tooLarge);
  const attributes = { notes: 'x'.repeat(1_200) };
  const email = newAddress();
  expect(await administer(server, token, CREATE, { email, attributes })).toEqual(tooLarge);
  expect(await stateOf(server, email)).toMatchObject({ accounts: 0, invitations: 0 });
});

test('AD-8: only an administrator learns that an address is taken, and nothing is mailed', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const token = await machine(server);
  for (const mutation of [INVITE, CREATE]) {
    const answer = await administer(server, token, mutation, { email });
    expect(answer).toEqual({ __typename: 'EmailTakenError' });
  }
  expect(countMails(server, email, INVITATION_TITLE)).toBe(0);
  const helper = await signUpWithPermissions(server, 'reader', ['USERS_READ']);
  const refused = await administer(server, helper.accessToken, INVITE, { email });
  expect(refused).toEqual({ __typename: 'ForbiddenError', permission: 'USERS_WRITE' });
});

test('AD-6: the mail about an address that an undo can still bring back says nothing of where the administrator is', async ({
  server,
}) => {
  const { email, accessToken } = await signUp(server);
  const newEmail = newAddress();
  const about = { token: accessToken };
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, about);
  const { token } = await mailTitled(server, newEmail, TITLES.confirmChange);
  await server.graphql(CONFIRM_EMAIL_CHANGE, { input: { proof: { token } } }, about);
  const answer = await administer(server, await machine(server), CREATE, { email });
  expect(answer.__typename).toBe('EmailTakenError');
  const { text } = await mailTitled(server, email, TITLES.held);
  expect(text).toContain('an administrator tried to use this email address at Latchkey. ');
});

test('RL-9: one address gets five invitations a day, whoever asks, and the sixth voids none', async ({
  server,
}) => {
  const email = newAddress();
  let last = '';
  for (let mail = 0; mail < 5; mail += 1) last = (await invite(server, { email })).token;
  for (let caller = 0; caller < 3; caller += 1) {
    const answer = await administer(server, await machine(server), INVITE, { email });
    expect(answer.__typename).toBe('RateLimitedError');
  }
  const created = await administer(server, await machine(server), CREATE, { email });
  expect(created.__typename).toBe('RateLimitedError');
  expect(await stateOf(server, email)).toMatchObject({ accounts: 0, invitations: 1 });
  expect(countMails(server, email, INVITATION_TITLE)).toBe(5);
  expect((await accept(server, last)).__typename).toBe('SignedIn');
  clock.advance(DAY);
});

test('createUser makes an account that nobody can enter but the owner of the mailbox', async ({
  server,
}) => {
  const admin = await signUpAdministrator(server);
  const email = newAddress();
  await giveRole(server, await signUp(server), 'editor');
  const input = {
    ...{ email, name: 'Ada', roles: ['editor'], attributes: { team: 7 } },
    ...{ externalId: `ext-${email}`, locale: 'de-AT', sendInvitation: false },
  };
  const created = await administer(server, admin.accessToken, CREATE, input);
  expect(created.user).toMatchObject({
    ...{ email, emailVerified: false, hasPassword: false, name: 'Ada', attributes: { team: 7 } },
    roles: [{ name: 'editor' }, { name: 'member' }],
  });
  expect(await stateOf(server, email)).toMatchObject({ invitations: 0, sessions: 0 });
  expect(server.mails.filter(({ to }) => to === email)).toEqual([]);
  const { data } = await server.graphql(LOGIN, { input: { email, password: PASSWORD } });
  expect(data.login.__typename).toBe('InvalidCredentialsError');
  const { id: userId } = created.user;
  const made = await eventsOf(server, 'ACCOUNT_CREATED');
  expect(made.find((event) => event.userId === userId)).toEqual({
    ...{ userId, actorId: admin.userId },
    detail: { method: 'administrator', roles: 'editor', by: 'administrator' },
  });
  const again = { email: newAddress(), externalId: `ext-${email}` };
  const conflict = await administer(server, admin.accessToken, CREATE, again);
  expect(conflict.__typename).toBe('ConflictError');
  expect(await stateOf(server, again.email)).toMatchObject({ accounts: 0 });
});

test('AD-8: a created account whose address is vouched for can be invited again until it is entered', async ({
  server,
}) => {
  const email = newAddress();
  const first = await createInvited(server, { email, emailVerified: true });
  clock.advance(7 * DAY);
  expect((await accept(server, first.token)).__typename).toBe('InvalidTokenError');
  const second = await invite(server, { email });
  expect((await accept(server, second.token)).__typename).toBe('SignedIn');
  const token = await machine(server);
  const third = await administer(server, token, INVITE, { email });
  expect(third.__typename).toBe('EmailTakenError');
});

test('DR-4: of many creations of one address at the same time, one succeeds', async ({
  server,
}) => {
  const email = newAddress();
  const token = await machine(server);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => administer(server, token, CREATE, { email })),
  );
  expect(answers.map(({ __typename }) => __typename).toSorted()).toEqual([
    ...Array(4).fill('EmailTakenError'),
    'UserCreated',
  ]);
  expect(await stateOf(server, email)).toMatchObject({ accounts: 1, invitations: 1 });
});

test('invitations come in pages, newest first, and an expired one stays for a month', async ({
  server,
}) => {
  const token = await machine(server);
  const emails = [newAddress(), newAddress(), newAddress()];
  for (const email of emails) {
    // Ids of the same moment have either order.
    clock.advance(1);
    await administer(server, token, INVITE, { email });
  }
  const read = async (variables: object) =>
    (await server.admin(LIST, variables, { token })).data.invitations;
  const first = await read({ first: 2 });
  expect(first.edges.map(({ node }: { node: { email: string } }) => node.email)).toEqual(
    emails.toReversed().slice(0, 2),
  );
  expect(first.pageInfo.hasNextPage).toBe(true);
  const next = await read({ first: 1, after: first.pageInfo.endCursor });
  expect(next.edges[0].node).toMatchObject({ email: emails[0], invitedBy: 'machine', roles: [] });
  clock.advance(8 * DAY);
  const later = await server.admin(LIST, { first: 1 }, { token: await machine(server) });
  expect(later.data.invitations.edges[0].node.email).toBe(emails[2]);
});

test('EO-6: no field of the list and no answer holds the token or its hash', async ({ server }) => {
  const { token, invitation } = await invite(server, { email: newAddress() });
  const [row] = await queryDatabase<{ hash: string }>(
    server.app.deps.db,
    sql`select encode(token_hash, 'hex') as hash from invitations where id = ${invitation.id}::uuid`,
  );
  const { text } = await server.admin(LIST, { first: 100 }, { token: await machine(server) });
  for (const secret of [
    token,
    row?.hash ?? '',
    Buffer.from(row?.hash ?? '', 'hex').toString('base64'),
  ]) {
    expect(secret).not.toBe('');
    expect(text).not.toContain(secret);
  }
  expect(JSON.stringify(server.logged)).not.toContain(token);
});

test('the mail holds no text of the administrator but a plain name', async ({ server }) => {
  const names = [
    '<b>Ada</b>',
    'Call 555-1234 now',
    'http://evil.example',
    'Ada, win at evil.example',
  ];
  for (const name of names) {
    const mail = await invite(server, { email: newAddress(), name });
    expect(mail.text).not.toContain(name);
    expect(mail.html).not.toContain('evil.example');
    expect(mail.html).not.toContain('<b>Ada');
  }
  const { text } = await invite(server, { email: newAddress(), name: 'Ada' });
  expect(text).toContain('Ada');
});
