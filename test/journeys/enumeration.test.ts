import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../../src/db/statement.ts';
import { users } from '../../src/db/tables/user.ts';
import { createFakeClock } from '../support/clock.ts';
import { LOGIN, type Person, REGISTER, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  DELETE_ACCOUNT,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  REQUEST_RESET,
  RESEND,
} from './account-care.ts';
import { NO_ACCOUNT_TITLE, REQUEST_SIGN_IN } from './email-sign-in/acts.ts';

let server: TestServer;
let asker: Person;
beforeAll(async () => {
  const env = { EMAIL_SIGN_IN: 'existing' };
  server = await startTestServer({ clock: createFakeClock(), durations: 'as-configured', env });
  asker = await signUp(server, { email: 'asker@example.com' });
});
afterAll(() => server.close());

let addresses = 0;
const unused = () => {
  addresses += 1;
  return `who-${String(addresses).padStart(3, '0')}@example.com`;
};
const update = (person: Person, change: Partial<typeof users.$inferInsert>) =>
  queryDatabase(
    server.app.deps.db,
    build.update(users).set(change).where(eq(users.id, person.userId)),
  );

/** Each function creates an address of its kind. */
const KINDS: Readonly<Record<string, () => Promise<string>>> = {
  known: async () => (await signUp(server, { email: unused() })).email,
  unknown: async () => unused(),
  unverified: async () => {
    const email = unused();
    await server.graphql(REGISTER, { input: { email, password: NEW_PASSWORD } });
    return email;
  },
  'social-only': async () => {
    const person = await signUp(server, { email: unused() });
    await update(person, { passwordHash: null });
    return person.email;
  },
  disabled: async () => {
    const person = await signUp(server, { email: unused() });
    await update(person, { disabledAt: new Date() });
    return person.email;
  },
  locked: async () => {
    const { email } = await signUp(server, { email: unused() });
    const guess = { input: { email, password } };
    for (let n = 0; n < 11; n += 1) {
      await server.graphql(LOGIN, guess, { address: `10.30.${addresses}.${n}` });
    }
    return email;
  },
  deleted: async () => {
    const person = await signUp(server, { email: unused() });
    await server.graphql(DELETE_ACCOUNT, undefined, { token: person.accessToken });
    return person.email;
  },
};

/** Values that are drawn for every answer reveal nothing, because they have the same form for every address. */
const unmarked = (text: string, email: string) =>
  text.replaceAll(email, 'EMAIL').replace(/lk(?:[gp]_[\w-]{43}|e_[\w-]{90,430})"/, 'TOKEN"');

const password = 'a guess of a stranger';
const OPERATIONS: Readonly<Record<string, (email: string) => ReturnType<TestServer['graphql']>>> = {
  requestPasswordReset: (email) => server.graphql(REQUEST_RESET, { input: { email } }),
  requestEmailSignIn: (email) => server.graphql(REQUEST_SIGN_IN, { input: { email } }),
  resendEmailVerification: (email) => server.graphql(RESEND, { input: { email } }),
  register: (email) => server.graphql(REGISTER, { input: { email, password } }),
  requestEmailChange: (newEmail) =>
    server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, { token: asker.accessToken }),
  login: (email) => server.graphql(LOGIN, { input: { email, password } }),
};

test.each(Object.keys(OPERATIONS))(
  'LG-1, LG-5: %s answers alike for every kind of address',
  async (operation) => {
    const answers: [string, string][] = [];
    for (const [kind, make] of Object.entries(KINDS)) {
      // Guesses close the limit of an address whether or not it has an account (RL-11).
      if (operation === 'login' && kind === 'locked') continue;
      const email = await make();
      const answer = await OPERATIONS[operation]?.(email);
      if (!answer) throw new Error(`There is no ${operation}.`);
      const headers = Array.from(answer.headers).filter(([name]) => name !== 'x-request-id');
      const seen = JSON.stringify([answer.status, headers, unmarked(answer.text, email)]);
      answers.push([kind, seen]);
    }
    const [[, first] = ['', '']] = answers;
    expect(first).toMatch(
      /EmailSent|EmailSignInStarted|EmailVerificationRequired|InvalidCredentialsError/,
    );
    expect(answers.filter(([, seen]) => seen !== first)).toEqual([]);
  },
);

test('LG-5: a decoy is stored like any other mail and is sent to nobody', async () => {
  const { email: known } = await signUp(server, { email: unused() });
  const unknown = unused();
  for (const email of [known, unknown]) {
    await server.graphql(REQUEST_RESET, { input: { email } });
    // The second time an address without an account is mailed nothing.
    for (let n = 0; n < 2; n += 1) await server.graphql(REQUEST_SIGN_IN, { input: { email } });
  }
  await server.mailTo(known, 4);
  const { db } = server.app.deps;
  const count = async (email: string) => {
    const [row] = await queryDatabase<Record<string, number>>(
      db,
      `select
      (select count(*)::int from one_time_tokens where email = '${email}' and purpose in ('reset-password', 'email-sign-in')) as tokens,
      (select count(*)::int from mail_outbox where recipient = '${email}' and template ~ '^(reset-password|email-sign-in)') as mails`,
    );
    return row;
  };
  expect(await count(unknown)).toEqual(await count(known));
  const received = server.mails.filter(({ to }) => to === unknown);
  expect(received.map(({ subject }) => subject)).toEqual([NO_ACCOUNT_TITLE]);
});
