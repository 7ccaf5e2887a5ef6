import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onAccountOf } from '../../src/account/by-address.ts';
import { disableAccount } from '../../src/account/disable.ts';
import { removeFactors } from '../../src/account/remove-factors.ts';
import { build } from '../../src/db/statement.ts';
import { users } from '../../src/db/tables/user.ts';
import { DAY, HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { purgeAll } from '../../src/retention/purge.ts';
import { purgesOf } from '../../src/retention/purges.ts';
import { createFakeClock } from '../support/clock.ts';
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
import { IDENTITIES, roundTrip, startServerWith, UNLINK } from '../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { queryDatabase } from '../support/query-database.ts';
import {
  callAs,
  challengeOf,
  enrollTotp,
  MFA,
  signInWithTotp,
  type TotpPerson,
  totpCode,
} from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';
import {
  askForReset,
  CHANGE_PASSWORD,
  CONFIRM_EMAIL_CHANGE,
  countMails,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  REQUEST_RESET,
  RESET,
  TITLES,
  typeOf,
  UNDO_EMAIL_CHANGE,
  UNDO_SECURITY_CHANGE,
  UPDATE_PROFILE,
} from './account-care.ts';

const clock = createFakeClock();
let provider: ForgingProvider;
let server: TestServer;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
  server = await startServerWith([provider.setting()], { clock });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** How often two concurrent operations are started for one address. */
const TRIALS = trialsOr(4);
const LINKED = 'The forger was linked to your account';
const MAILED_TOKEN = `query ($token: String!) { mailedToken(token: $token) {
  kind email ipAddress userAgent undoes { type at detail } stays { type detail } } }`;

const undo = async (token: string) =>
  (await server.graphql(UNDO_SECURITY_CHANGE, { input: { token } })).data.undoSecurityChange;
const undoAddress = async (token: string) =>
  (await server.graphql(UNDO_EMAIL_CHANGE, { input: { token } })).data.undoEmailChange;
const mailedToken = async (token: string) =>
  (await server.graphql(MAILED_TOKEN, { token })).data.mailedToken;
const typesOf = (changes: readonly { type: string }[]) => changes.map(({ type }) => type).sort();

const as = ({ accessToken }: Pick<Person, 'accessToken'>) => ({ token: accessToken });

let names = 0;
const unused = () => {
  names += 1;
  return `thief-${names}`;
};

/** An account whose own credentials are older than any undo reaches, and a session of it in a thief's hands. */
async function robbed(): Promise<{ owner: Person; thief: Person }> {
  const owner = await signUp(server);
  clock.advance(8 * DAY);
  return { owner, thief: await signIn(server, owner) };
}

async function link({ accessToken }: Pick<Person, 'accessToken'>, sub: string): Promise<string> {
  const linked = await roundTrip(server, provider, { sub }, accessToken);
  expect(linked.__typename).toBe('IdentityLinked');
  return linked.identity.id;
}

async function move({ accessToken }: Pick<Person, 'accessToken'>, newEmail: string) {
  await callAs(server, accessToken, REQUEST_EMAIL_CHANGE, { newEmail });
  const { token } = await mailTitled(server, newEmail, TITLES.confirmChange);
  const moved = await callAs(server, accessToken, CONFIRM_EMAIL_CHANGE, { proof: { token } });
  expect(moved.__typename).toBe('EmailChanged');
}

async function reset(email: string) {
  const { token } = await askForReset(server, email);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  return typeOf(await server.graphql(RESET, { input }));
}

/** The owner has the account, with the mailbox alone, and nobody else has access. */
async function expectRecovered(owner: Person, subs: readonly string[], thieves: readonly Person[]) {
  for (const one of thieves) expect(await isSignedIn(server, one)).toBe(false);
  for (const sub of subs) {
    const came = await roundTrip(server, provider, { sub });
    expect(came.__typename).toBe('OAuthFailedError');
  }
  const old = await server.graphql(LOGIN, {
    input: { email: owner.email, password: owner.password },
  });
  expect(typeOf(old)).toBe('InvalidCredentialsError');
  expect(await reset(owner.email)).toBe('PasswordChanged');
  const again = await signIn(server, { email: owner.email, password: NEW_PASSWORD });
  const { data } = await server.graphql(IDENTITIES, undefined, { token: again.accessToken });
  expect(data.viewer).toMatchObject({ user: { email: owner.email }, identities: [] });
  return again;
}

type Step = 'link' | 'enroll' | 'codes' | 'move';
const ORDERS: readonly (readonly Step[])[] = [
  ['link', 'enroll', 'codes', 'move'],
  ['enroll', 'codes', 'link', 'move'],
  ['enroll', 'link', 'move', 'codes'],
  ['link', 'move', 'enroll', 'codes'],
  ['move', 'link', 'enroll', 'codes'],
];

describe.each(ORDERS.map((order) => [order.join(', '), order] as const))(
  'PR-12: a thief with a session does %s',
  (_, order) => {
    test.each(['first', 'last'] as const)('and the owner uses the %s mail', async (which) => {
      const { owner, thief } = await robbed();
      const sub = unused();
      const evil = `${sub}@example.com`;
      const before = server.mails.length;
      for (const step of order) {
        if (step === 'link') await link(thief, sub);
        if (step === 'enroll') await enrollTotp(server, thief);
        if (step === 'codes') await callAs(server, thief.accessToken, MFA.regenerate);
        if (step === 'move') await move(thief, evil);
      }
      const links = () =>
        server.mails
          .slice(before)
          .filter(({ to, text }) => to === owner.email && /undo-(security|email)-change/.test(text))
          .map(({ text }) => /(undo-\w+)-change\?token=([\w-]+)/.exec(text)?.slice(1) ?? []);
      await mailTitled(server, owner.email, TITLES.changed);
      const [page, token = ''] = (which === 'first' ? links()[0] : links().at(-1)) ?? [];
      const undone = await (page === 'undo-security' ? undo : undoAddress)(token);
      expect(undone.__typename).toMatch(/Undone$/);
      // Every link of these changes is invalid, including the thief's own.
      const texts = server.mails.slice(before).map(({ text }) => text);
      const tokens = texts.flatMap((text) => /undo-\S+\?token=([\w-]+)/.exec(text)?.[1] ?? []);
      for (const other of new Set(tokens)) {
        expect((await undo(other)).__typename).toBe('InvalidTokenError');
        expect((await undoAddress(other)).__typename).toBe('InvalidTokenError');
      }
      await expectRecovered(owner, [sub], [thief]);
    });
  },
);

describe('PR-12: sessions that sign in with what a thief added', () => {
  test.each(['first', 'last'] as const)(
    'the thief signs in with a linked account, links another, unlinks the first; the owner uses the %s mail',
    async (which) => {
      const { owner, thief } = await robbed();
      const [one, two] = [unused(), unused()];
      const id = await link(thief, one);
      const first = await mailTitled(server, owner.email, LINKED);
      const second = await roundTrip(server, provider, { sub: one });
      expect(second.__typename).toBe('SignedIn');
      await link(second, two);
      const last = await mailTitled(server, owner.email, LINKED, 2);
      const { data } = await server.graphql(
        UNLINK,
        { input: { identityId: id } },
        { token: second.accessToken },
      );
      expect(data.unlinkIdentity.__typename).toBe('IdentityUnlinked');
      // Signing out and the purge change nothing.
      await callAs(server, thief.accessToken, 'mutation { logout { __typename } }');
      await purgeAll(server.app.deps, purgesOf(server.app.deps.config), { force: true });
      expect((await undo((which === 'first' ? first : last).token)).__typename).toBe(
        'SecurityChangeUndone',
      );
      await expectRecovered(owner, [one, two], [thief, second]);
    },
  );

  test.each([
    ['signs in anew with the password', false, 'address'],
    ['sets a password with the new mailbox and signs in with it', true, 'address'],
    ['sets a password with the new mailbox and signs in with it', true, 'identity'],
  ] as const)(
    'the thief moves the account, %s (reset: %s), then links and enrolls; the owner undoes the %s',
    async (_, isReset, undone) => {
      const { owner, thief } = await robbed();
      const [one, two] = [unused(), unused()];
      const evil = `${two}@example.com`;
      await link(thief, one);
      const linked = await mailTitled(server, owner.email, LINKED);
      await move(thief, evil);
      const moved = await mailTitled(server, owner.email, TITLES.changed);
      if (isReset) expect(await reset(evil)).toBe('PasswordChanged');
      const password = isReset ? NEW_PASSWORD : owner.password;
      const anew = await signIn(server, { email: evil, password });
      await link(anew, two);
      await enrollTotp(server, anew);
      const answer = await (undone === 'address' ? undoAddress(moved.token) : undo(linked.token));
      expect(answer.__typename).toMatch(/Undone$/);
      await expectRecovered(owner, [one, two], [thief, anew]);
    },
  );

  test('SE-10: unlinking ends the sessions that signed in with the linked account, and no other', async () => {
    const { owner, thief } = await robbed();
    const sub = unused();
    const id = await link(thief, sub);
    const begun = await roundTrip(server, provider, { sub });
    const { accessToken } = await signIn(server, owner);
    const { data } = await server.graphql(
      UNLINK,
      { input: { identityId: id } },
      { token: accessToken },
    );
    expect(data.unlinkIdentity.__typename).toBe('IdentityUnlinked');
    expect(await isSignedIn(server, begun)).toBe(false);
    expect(await isSignedIn(server, thief)).toBe(true);
  });
});

describe('PR-12: links work once and become invalid together', () => {
  test('two links of one thief, used concurrently: one undo, and nothing twice', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { owner, thief } = await robbed();
      await link(thief, unused());
      await enrollTotp(server, thief);
      const linked = await mailTitled(server, owner.email, LINKED);
      const added = await mailTitled(server, owner.email, TITLES.factorAdded);
      const tokens = [linked.token, added.token, linked.token, added.token];
      const answers = (await Promise.all(tokens.map(undo))).map(({ __typename }) => __typename);
      expect(answers.sort()).toEqual([
        'InvalidTokenError',
        'InvalidTokenError',
        'InvalidTokenError',
        'SecurityChangeUndone',
      ]);
    }
  });

  test('after the thief used a link of their own, the owner’s older one still works', async () => {
    const { owner, thief } = await robbed();
    const evil = `${unused()}@example.com`;
    await move(thief, evil);
    const owners = await mailTitled(server, owner.email, TITLES.changed);
    await enrollTotp(server, thief);
    const own = await mailTitled(server, evil, TITLES.factorAdded);
    expect((await undo(own.token)).__typename).toBe('SecurityChangeUndone');
    expect(await undoAddress(owners.token)).toMatchObject({ email: owner.email });
    await expectRecovered(owner, [], [thief]);
  });

  test('a link expires after 72 hours', async () => {
    const { owner, thief } = await robbed();
    await link(thief, unused());
    const { token } = await mailTitled(server, owner.email, LINKED);
    clock.advance(72 * HOUR - MINUTE);
    expect((await mailedToken(token)).kind).toBe('UNDO_SECURITY_CHANGE');
    clock.advance(MINUTE);
    expect(await mailedToken(token)).toBeNull();
    expect((await undo(token)).__typename).toBe('InvalidTokenError');
  });
});

test('RL-14: an undo can be inspected thirty times in a quarter of an hour, and the undo itself still works', async () => {
  const { owner, thief } = await robbed();
  const neighbor = await signUp(server);
  await link(thief, unused());
  await link(neighbor, unused());
  const { token } = await mailTitled(server, owner.email, LINKED);
  const others = await mailTitled(server, neighbor.email, LINKED);
  // From many places, because the limit is the account's, whoever has its link.
  const look = (n: number) =>
    server.graphql(MAILED_TOKEN, { token }, { address: `198.51.100.${n}` });
  const answers = [];
  for (let n = 0; n < 40; n += 1) answers.push(await look(n));
  const shown = answers.filter(({ data }) => data?.mailedToken?.kind === 'UNDO_SECURITY_CHANGE');
  expect(shown).toHaveLength(30);
  const [refusal] = answers.at(-1)?.errors ?? [];
  expect(refusal?.extensions).toMatchObject({ code: 'REFUSED' });
  expect((await mailedToken(others.token)).kind).toBe('UNDO_SECURITY_CHANGE');
  expect((await undo(token)).__typename).toBe('SecurityChangeUndone');
});

describe('PR-12: what is restored and what stays', () => {
  /** An owner who has had an app for a long time, and its secret. */
  async function withOldApp(): Promise<TotpPerson> {
    const owner = await enrollTotp(server, await signUp(server));
    // Sent before the time passes, because a mail that waits that long is not sent any more.
    await mailTitled(server, owner.email, TITLES.factorAdded);
    clock.advance(400 * DAY);
    return owner;
  }

  const changePhone = async (owner: TotpPerson) => {
    const { accessToken } = await signInWithTotp(server, owner);
    await callAs(server, accessToken, MFA.disableTotp);
    clock.advance(MINUTE);
    const fresh = { ...owner, accessToken };
    const { data } = await server.graphql(
      MFA.reauthenticate,
      { input: { password: owner.password } },
      { token: accessToken },
    );
    return await enrollTotp(server, { ...fresh, accessToken: data.reauthenticate.accessToken });
  };

  test('an owner changed phones years after the first one: a mailbox thief’s undo restores the old phone', async () => {
    const owner = await withOldApp();
    const before = countMails(server, owner.email, TITLES.factorAdded);
    await changePhone(owner);
    const { token } = await mailTitled(server, owner.email, TITLES.factorAdded, before + 1);
    const undone = await undo(token);
    expect(typesOf(undone.undone)).toEqual(['BACKUP_CODES_GENERATED', 'MFA_ENABLED']);
    expect(undone.restored).toMatchObject([{ type: 'MFA_ENABLED', detail: 'TOTP' }]);
    expect(await reset(owner.email)).toBe('PasswordChanged');
    const again = { ...owner, password: NEW_PASSWORD };
    expect((await challengeOf(server, again)).methods).toEqual(['TOTP']);
    clock.advance(MINUTE);
    expect((await signInWithTotp(server, again)).__typename).toBe('SignedIn');
  });

  test('an operator’s removal is final: no undo restores an earlier factor', async () => {
    const owner = await withOldApp();
    const before = countMails(server, owner.email, TITLES.factorAdded);
    await changePhone(owner);
    const { token } = await mailTitled(server, owner.email, TITLES.factorAdded, before + 1);
    await onAccountOf(server.app.deps, owner.email, (tx, locked) =>
      removeFactors(server.app.deps, tx, locked),
    );
    expect((await undo(token)).restored).toEqual([]);
    expect(await reset(owner.email)).toBe('PasswordChanged');
    await signIn(server, { email: owner.email, password: NEW_PASSWORD });
  });

  test('a linked account that the thief unlinked is restored', async () => {
    const owner = await signUp(server);
    const sub = unused();
    const id = await link(owner, sub);
    await mailTitled(server, owner.email, LINKED);
    clock.advance(8 * DAY);
    const thief = await signIn(server, owner);
    await link(thief, unused());
    const { token } = await mailTitled(server, owner.email, LINKED, 2);
    await server.graphql(UNLINK, { input: { identityId: id } }, { token: thief.accessToken });
    const undone = await undo(token);
    expect(undone.restored).toMatchObject([{ type: 'IDENTITY_LINKED', detail: 'The forger' }]);
    expect((await roundTrip(server, provider, { sub })).__typename).toBe('SignedIn');
  });

  test('a linked account that the thief added in another session and unlinked again is not restored', async () => {
    const { owner, thief } = await robbed();
    const [one, two] = [unused(), unused()];
    const id = await link(thief, one);
    // Anybody who knows the password can start sessions that are connected with nothing.
    const anew = await signIn(server, owner);
    await server.graphql(UNLINK, { input: { identityId: id } }, { token: anew.accessToken });
    await link(anew, two);
    const { token } = await mailTitled(server, owner.email, LINKED, 2);
    expect((await undo(token)).restored).toEqual([]);
    await expectRecovered(owner, [one, two], [thief, anew]);
  });

  test.each([
    [143, 'SignedIn'],
    [145, 'OAuthFailedError'],
  ] as const)(
    'what the thief’s session removed %i hours before the undo: a sign-in with it is %s',
    async (hours, signsIn) => {
      const owner = await signUp(server);
      const sub = unused();
      const id = await link(owner, sub);
      await mailTitled(server, owner.email, LINKED);
      clock.advance(8 * DAY);
      const thief = await signIn(server, owner);
      await server.graphql(UNLINK, { input: { identityId: id } }, { token: thief.accessToken });
      // The same session adds something later: the link in that mail still works.
      clock.advance(74 * HOUR);
      const { accessToken: renewed } = await refresh(server, thief.refreshToken);
      const input = { password: owner.password };
      const { reauthenticate } = (
        await server.graphql(MFA.reauthenticate, { input }, { token: renewed })
      ).data;
      await link(reauthenticate, unused());
      const { token } = await mailTitled(server, owner.email, LINKED, 2);
      clock.advance((hours - 74) * HOUR);
      const undone = await undo(token);
      expect(undone.__typename).toBe('SecurityChangeUndone');
      expect(undone.restored).toHaveLength(signsIn === 'SignedIn' ? 1 : 0);
      expect((await roundTrip(server, provider, { sub })).__typename).toBe(signsIn);
    },
  );

  test('an older linked account with which the thief signed in stays, and page, answer and mail name it', async () => {
    const owner = await signUp(server);
    const [sub, other] = [unused(), unused()];
    await link(owner, sub);
    await mailTitled(server, owner.email, LINKED);
    clock.advance(8 * DAY);
    const thief = await roundTrip(server, provider, { sub });
    await link(thief, other);
    const { token } = await mailTitled(server, owner.email, LINKED, 2);
    const older = { type: 'IDENTITY_LINKED', detail: 'The forger' };
    expect(await mailedToken(token)).toMatchObject({
      kind: 'UNDO_SECURITY_CHANGE',
      email: owner.email,
      undoes: [older],
      stays: [older],
    });
    expect((await undo(token)).stays).toMatchObject([older]);
    const { text } = await mailTitled(server, owner.email, TITLES.undone);
    expect(text).toContain('still active');
    expect((await roundTrip(server, provider, { sub })).__typename).toBe('SignedIn');
    expect((await roundTrip(server, provider, { sub: other })).__typename).toBe('OAuthFailedError');
  });

  test('the last credential is removed, too: an account created by a provider belongs to its mailbox', async () => {
    const sub = unused();
    const email = `${sub}@example.com`;
    const claims = { sub, email, email_verified: true };
    const made = await roundTrip(server, provider, claims);
    const { token } = await mailTitled(server, email, 'Your account at Latchkey');
    expect((await undo(token)).undone).toMatchObject([{ type: 'IDENTITY_LINKED' }]);
    expect(await isSignedIn(server, made)).toBe(false);
    expect((await roundTrip(server, provider, claims)).__typename).toBe('AccountLinkRequiredError');
    expect(await reset(email)).toBe('PasswordChanged');
    // A password where there was none is a new way of signing in, and its mail can undo it.
    const done = await mailTitled(server, email, TITLES.resetDone);
    expect((await undo(done.token)).undone).toMatchObject([{ type: 'PASSWORD_RESET' }]);
  });

  test('an undo works on a disabled account and leaves it disabled', async () => {
    const { owner, thief } = await robbed();
    await link(thief, unused());
    const { token } = await mailTitled(server, owner.email, LINKED);
    await onAccountOf(server.app.deps, owner.email, (tx, locked) =>
      disableAccount(server.app.deps, tx, locked),
    );
    expect((await undo(token)).__typename).toBe('SecurityChangeUndone');
    const { db } = server.app.deps;
    const [row] = await queryDatabase(
      db,
      build.select().from(users).where(eq(users.id, owner.userId)),
    );
    expect(row?.disabledAt).not.toBeNull();
  });
});

test('PR-12: under MFA_REQUIRED the session after an undo can set up a second factor and do nothing else', async () => {
  const strict = await startServerWith([provider.setting()], {
    clock,
    env: { MFA_REQUIRED: 'true' },
  });
  const owner = await signUp(strict);
  // A thief with the owner’s password enrolls first.
  const thief = await enrollTotp(strict, owner);
  expect(typeOf(await strict.graphql(UPDATE_PROFILE, { input: { name: 'M' } }, as(thief)))).toBe(
    'ProfileUpdated',
  );
  const { token } = await mailTitled(strict, owner.email, TITLES.factorAdded);
  expect(typeOf(await strict.graphql(UNDO_SECURITY_CHANGE, { input: { token } }))).toBe(
    'SecurityChangeUndone',
  );
  const asked = await askForReset(strict, owner.email);
  const input = { proof: { token: asked.token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await strict.graphql(RESET, { input }))).toBe('PasswordChanged');
  const back = await signIn(strict, { email: owner.email, password: NEW_PASSWORD });
  const { data } = await strict.graphql(MFA.viewer, undefined, as(back));
  expect(data.viewer.mfa).toMatchObject({ enabled: false, enrollmentRequired: true });
  for (const [document, change] of [
    [UPDATE_PROFILE, { name: 'Ada' }],
    [REQUEST_EMAIL_CHANGE, { newEmail: `new-${owner.email}` }],
    [CHANGE_PASSWORD, { currentPassword: NEW_PASSWORD, newPassword: owner.password }],
    [MFA.regenerate, undefined],
  ] as const) {
    expect(typeOf(await strict.graphql(document, { input: change }, as(back)))).toBe(
      'MfaEnrollmentRequiredError',
    );
  }
  const full = await enrollTotp(strict, back);
  expect(typeOf(await strict.graphql(UPDATE_PROFILE, { input: { name: 'Ada' } }, as(full)))).toBe(
    'ProfileUpdated',
  );
  await strict.close();
});

test('PR-12: the reset’s mail contains links that undo what was added, and earlier links stay valid', async () => {
  const { owner, thief } = await robbed();
  await link(thief, unused());
  const first = await mailTitled(server, owner.email, LINKED);
  await enrollTotp(server, thief);
  expect(await reset(owner.email)).toBe('PasswordChanged');
  const { text } = await mailTitled(server, owner.email, TITLES.resetDone);
  const links = [...text.matchAll(/undo-security-change\?token=([\w-]+)/g)].map(([, one]) => one);
  expect(links).toHaveLength(2);
  expect((await mailedToken(first.token)).undoes).toHaveLength(3);
  expect((await undo(links[1] ?? '')).__typename).toBe('SecurityChangeUndone');
  expect((await undo(first.token)).__typename).toBe('InvalidTokenError');
});

test('RL-3: a thief who makes thousands of changes does not stop the reset or fill its mail', async () => {
  const { owner, thief } = await robbed();
  await link(thief, unused());
  const { token } = await mailTitled(server, owner.email, LINKED);
  // New backup codes, each with a mail of its own: 360 an hour for anybody with the password.
  await queryDatabase(
    server.app.deps.db,
    sql`
    with changes as (select gen_random_uuid() as id, gen_random_uuid() as link,
      gen_random_uuid() as session_id, n from generate_series(1, 8000) as n),
    entries as (insert into access_ledger (id, user_id, session_id, act, kind, at)
      select id, ${owner.userId}::uuid, session_id, 'added', 'backup-codes',
        ${clock.now().toISOString()}::timestamptz from changes order by n)
    insert into one_time_tokens (id, purpose, email, user_id, subject, change_id, token_hash, code_mac,
      budget_resets_at, created_at, expires_at, code_expires_at)
    select link, purpose, email, user_id, link::text, changes.id, sha256(link::text::bytea), code_mac,
      budget_resets_at, created_at, expires_at, code_expires_at
    from changes cross join one_time_tokens as first
    where first.user_id = ${owner.userId}::uuid and first.purpose = 'undo-security-change'`,
  );
  expect(await reset(owner.email)).toBe('PasswordChanged');
  const { text } = await mailTitled(server, owner.email, TITLES.resetDone);
  expect(text.match(/undo-security-change\?token=/g)).toHaveLength(20);
  expect((await undo(token)).__typename).toBe('SecurityChangeUndone');
});

test('PR-12: an undo voids earlier device tokens: a thief’s device is a stranger again', async () => {
  const { owner, thief } = await robbed();
  const document = `mutation ($input: LoginInput!) { login(input: $input) {
    __typename ... on SignedIn { deviceToken } } }`;
  const { email, password } = owner;
  const { deviceToken } = await callAs(server, '', document, { email, password });
  await link(thief, unused());
  clock.advance(MINUTE);
  await undo((await mailTitled(server, email, LINKED)).token);
  clock.advance(MINUTE);
  await reset(email);
  const guess = (n: number, input: object) =>
    server.graphql(
      document,
      { input: { email, password: 'wrong', ...input } },
      { address: `192.0.2.${n}` },
    );
  // Strangers use up the account's attempts.
  for (let n = 1; n <= 12; n += 1) await guess(n, {});
  const right = { password: NEW_PASSWORD };
  expect(typeOf(await guess(30, { ...right, deviceToken }))).toBe('RateLimitedError');
  clock.advance(DAY);
  const again = await callAs(server, '', document, { email, ...right });
  for (let n = 1; n <= 12; n += 1) await guess(n, {});
  const fresh = { ...right, deviceToken: again.deviceToken };
  expect(typeOf(await guess(31, fresh))).toBe('SignedIn');
});

test('PR-12: reading a token uses nothing up, and an invalid token reveals nothing', async () => {
  const { owner, thief } = await robbed();
  await enrollTotp(server, thief);
  const { token } = await mailTitled(server, owner.email, TITLES.factorAdded);
  for (let time = 0; time < 3; time += 1) {
    expect(typesOf((await mailedToken(token)).undoes)).toEqual([
      'BACKUP_CODES_GENERATED',
      'MFA_ENABLED',
    ]);
  }
  expect(await mailedToken('x'.repeat(43))).toBeNull();
  expect((await mailedToken((await askForReset(server, owner.email)).token)).kind).toBe(
    'RESET_PASSWORD',
  );
  await undo(token);
  expect(await mailedToken(token)).toBeNull();
});

test('PR-12: a reset’s link that a change of the password has voided reveals nothing', async () => {
  const owner = await signUp(server);
  const { token } = await askForReset(server, owner.email);
  expect(await mailedToken(token)).toMatchObject({ kind: 'RESET_PASSWORD', email: owner.email });
  expect(await reset(owner.email)).toBe('PasswordChanged');
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('InvalidTokenError');
  expect(await mailedToken(token)).toBeNull();
});

test('PR-12: the page of every link shows the device that requested it; a renewed link shows the one that made the change', async () => {
  const device = (name: string, address: string) => ({
    shown: { userAgent: name, ipAddress: address },
    ask: (document: string, input?: object, token?: string) =>
      server.graphql(document, { input }, { token, address, headers: { 'user-agent': name } }),
  });
  const owners = device('Owner/1.0', '192.0.2.10');
  const thiefs = device('Thief/1.0', '192.0.2.66');
  const email = `${unused()}@example.com`;
  const next = `next-${email}`;
  await owners.ask(REGISTER, { email, password: PASSWORD });
  const verify = await mailTitled(server, email, TITLES.verify);
  expect(await mailedToken(verify.token)).toMatchObject({ kind: 'VERIFY_EMAIL', ...owners.shown });
  const person = await signUp(server, { email });
  await owners.ask(REQUEST_RESET, { email });
  const asked = await mailTitled(server, email, TITLES.reset);
  expect(await mailedToken(asked.token)).toMatchObject({ kind: 'RESET_PASSWORD', ...owners.shown });

  const { accessToken } = person;
  await thiefs.ask(REQUEST_EMAIL_CHANGE, { newEmail: next }, accessToken);
  const change = await mailTitled(server, next, TITLES.confirmChange);
  expect(await mailedToken(change.token)).toMatchObject({
    kind: 'CONFIRM_EMAIL_CHANGE',
    ...thiefs.shown,
  });
  const stop = await mailTitled(server, email, TITLES.changeRequested);
  expect(await mailedToken(stop.token)).toMatchObject({
    kind: 'UNDO_EMAIL_CHANGE',
    ...thiefs.shown,
  });
  const { data } = await thiefs.ask(MFA.enableTotp, undefined, accessToken);
  const code = totpCode(data.enableTotp.secret, clock.now());
  await thiefs.ask(MFA.confirmTotp, { code }, accessToken);
  const added = await mailTitled(server, email, TITLES.factorAdded);
  expect(await mailedToken(added.token)).toMatchObject({
    kind: 'UNDO_SECURITY_CHANGE',
    ...thiefs.shown,
  });

  expect(await reset(email)).toBe('PasswordChanged');
  const { text } = await mailTitled(server, email, TITLES.resetDone);
  const again = [...text.matchAll(/undo-\w+-change\?token=([\w-]+)/g)].map(([, one]) => one ?? '');
  expect(again.length).toBeGreaterThan(0);
  for (const token of again) expect(await mailedToken(token)).toMatchObject(thiefs.shown);
});

test('PR-12: the database contains nothing readable of a removed app', async () => {
  const owner = await enrollTotp(server, await signUp(server));
  await callAs(server, owner.accessToken, MFA.disableTotp);
  const rows = await queryDatabase(server.app.deps.db, sql`select * from removed_credentials`);
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(owner.secret);
  expect(totpCode(owner.secret, clock.now())).toMatch(/^\d{6}$/);
});

describe('PR-12: an address that an undo can still restore', () => {
  test('nobody else gets it by a provider or a registration, and its mailbox gets the undo link again', async () => {
    const { owner, thief } = await robbed();
    await move(thief, `${unused()}@example.com`);
    const first = await mailTitled(server, owner.email, TITLES.changed);
    const sub = unused();
    const claims = { sub, email: owner.email, email_verified: true };
    expect((await roundTrip(server, provider, claims)).__typename).toBe('OAuthFailedError');
    const held = await mailTitled(server, owner.email, TITLES.held);
    await expect(signUp(server, { email: owner.email })).rejects.toThrow('InvalidTokenError');
    expect(held.token).not.toBe(first.token);
    // Both links are valid, and one use ends both.
    expect(await undoAddress(held.token)).toMatchObject({ email: owner.email });
    expect((await undoAddress(first.token)).__typename).toBe('InvalidTokenError');
    await expectRecovered(owner, [sub], [thief]);
  });

  test('RL-9, RL-14: a proof of it that is presented again and again mails no more than its limit', async () => {
    const { owner, thief } = await robbed();
    await move(thief, `${unused()}@example.com`);
    const { email } = owner;
    await server.graphql(REGISTER, { input: { email, password: NEW_PASSWORD } });
    const { token } = await mailTitled(server, email, TITLES.verify, 2);
    const input = { proof: { token }, password: NEW_PASSWORD };
    for (let turn = 0; turn < 6; turn += 1)
      expect(typeOf(await server.graphql(VERIFY_EMAIL, { input }))).toBe('InvalidTokenError');
    await mailTitled(server, email, TITLES.held, 3);
    const { db } = server.app.deps;
    const held = await queryDatabase(
      db,
      sql`select 1 from mail_outbox where recipient = ${email} and template = 'address-held'`,
    );
    expect(held).toHaveLength(3);
  });

  test('nobody moves another account there, and after the time it is free', async () => {
    const { owner, thief } = await robbed();
    await move(thief, `${unused()}@example.com`);
    const other = await signUp(server);
    await callAs(server, other.accessToken, REQUEST_EMAIL_CHANGE, { newEmail: owner.email });
    const { token } = await mailTitled(server, owner.email, TITLES.confirmChange);
    const input = { proof: { token } };
    const moved = await callAs(server, other.accessToken, CONFIRM_EMAIL_CHANGE, input);
    expect(moved.__typename).toBe('InvalidTokenError');
    clock.advance(72 * HOUR);
    expect((await signUp(server, { email: owner.email })).userId).not.toBe(owner.userId);
  });

  test.each(['another account', 'a provider’s sign-in'] as const)(
    `nobody gets it at the moment at which its account leaves it: %s, ${TRIALS} times`,
    async (who) => {
      for (let trial = 0; trial < TRIALS; trial += 1) {
        const [left, next] = [`${unused()}@example.com`, `${unused()}@example.com`];
        const other = await signUp(server);
        let taken = () =>
          roundTrip(server, provider, { sub: left, email: left, email_verified: true });
        if (who === 'another account') {
          // Requested while the address belonged to nobody.
          await callAs(server, other.accessToken, REQUEST_EMAIL_CHANGE, { newEmail: left });
          const { token } = await mailTitled(server, left, TITLES.confirmChange);
          taken = () =>
            callAs(server, other.accessToken, CONFIRM_EMAIL_CHANGE, { proof: { token } });
        }
        const owner = await signUp(server, { email: left });
        await callAs(server, owner.accessToken, REQUEST_EMAIL_CHANGE, { newEmail: next });
        const { token } = await mailTitled(server, next, TITLES.confirmChange);
        const input = { proof: { token } };
        const [moved, answer] = await Promise.all([
          callAs(server, owner.accessToken, CONFIRM_EMAIL_CHANGE, input),
          taken(),
        ]);
        expect(moved.__typename).toBe('EmailChanged');
        expect(answer.__typename).toMatch(/Error$/);
        const link = await mailTitled(server, left, TITLES.changed);
        expect(await undoAddress(link.token)).toMatchObject({ email: left });
      }
    },
    30_000 + TRIALS * 5_000,
  );
});

test('PR-12: an account with a full ledger does not stop the server with the link’s page', async () => {
  const { owner, thief } = await robbed();
  await link(thief, unused());
  const { token } = await mailTitled(server, owner.email, LINKED);
  // Three days of adding and removing, each in a session of its own: what every answer reads again.
  await queryDatabase(
    server.app.deps.db,
    sql`
    with cycles as (select gen_random_uuid() as added, gen_random_uuid() as removed,
      gen_random_uuid() as session_id, n from generate_series(1, 8000) as n),
    entries as (insert into access_ledger (id, user_id, session_id, act, kind, thing, at)
      select case act when 'added' then added else removed end, ${owner.userId}::uuid, session_id,
        act, 'identity', 'thing ' || n, ${clock.now().toISOString()}::timestamptz
      from cycles cross join (values ('added'), ('removed')) as acts (act) order by n, act)
    insert into removed_credentials (id, user_id, sealed_content, removed_at)
    select removed, ${owner.userId}::uuid, '\\x00', ${clock.now().toISOString()}::timestamptz
    from cycles`,
  );
  const before = performance.now();
  expect(await mailedToken(token)).toMatchObject({ undoes: [{ type: 'IDENTITY_LINKED' }] });
  expect(performance.now() - before).toBeLessThan(3_000);
  const twice = await server.graphql(
    '{ a: mailedToken(token: "x") { kind } b: mailedToken(token: "y") { kind } }',
  );
  expect(twice.errors[0]?.extensions).toMatchObject({ code: 'OPERATION_LIMIT_EXCEEDED' });
  expect((await undo(token)).__typename).toBe('SecurityChangeUndone');
});
