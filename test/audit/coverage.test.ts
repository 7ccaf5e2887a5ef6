import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENT_TYPES, type EventType, isRoutine } from '../../src/audit/event-type.ts';
import { listSecurityEvents } from '../../src/audit/store.ts';
import { run } from '../../src/db/executor.ts';
import { pipeline } from '../../src/db/pipeline.ts';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { sessions } from '../../src/db/tables/session.ts';
import { users } from '../../src/db/tables/user.ts';
import { evictSessions } from '../../src/session/create-store.ts';
import { listLiveSessions } from '../../src/session/store.ts';
import { personRecordStatements } from '../../src/sign-in-gate/history.ts';
import {
  fillSkewed,
  genericPlanOf,
  HOLDER,
  recordStatements,
  rowsReadBy,
  sharesOf,
} from '../db/plans.ts';
import {
  askForReset,
  CHANGE_PASSWORD,
  CONFIRM_EMAIL_CHANGE,
  DELETE_ACCOUNT,
  mailTitled,
  NEW_PASSWORD,
  REAUTHENTICATE,
  REQUEST_EMAIL_CHANGE,
  REQUEST_RESET,
  RESEND,
  RESET,
  TITLES,
  UNDO_EMAIL_CHANGE,
  UNDO_SECURITY_CHANGE,
  UPDATE_PROFILE,
} from '../journeys/account-care.ts';
import {
  codeOf,
  completeSignIn,
  linkOf,
  REQUEST_SIGN_IN,
  requestSignIn,
  wrongCode,
} from '../journeys/email-sign-in/acts.ts';
import { accept, plantInvitation } from '../journeys/invitation/acts.ts';
import { signUpAdministrator } from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { impersonate } from '../support/impersonation.ts';
import { LOGIN, type Person, REGISTER, refresh, signIn, signUp } from '../support/journeys.ts';
import { redirectUriOf, roundTrip, START, startServerWith, UNLINK } from '../support/oauth.ts';
import { enrollAsFactor, mfaProof, PASSKEY_MFA, verifyPasskey } from '../support/passkey-factor.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  signInWithPasskey,
  startEnrollment,
} from '../support/passkeys.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { queryDatabase } from '../support/query-database.ts';
import { publicSchema } from '../support/schema.ts';
import {
  callAs,
  challengeOf,
  enrollEmail,
  enrollTotp,
  MFA,
  totpCode,
  verify,
} from '../support/second-factor.ts';
import type { Answer, TestServer } from '../support/server.ts';

const clock = createFakeClock();
let provider: ForgingProvider;
let server: TestServer;
let statements: ReturnType<typeof recordStatements>;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
  const down = { ...provider.setting('down'), issuer: 'http://127.0.0.1:9' };
  const env = { EMAIL_SIGN_IN: 'register', IMPERSONATION: 'true' };
  server = await startServerWith([provider.setting(), down], { clock, env });
  statements = recordStatements(server.app.deps.db);
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const as = (person: Person) => ({ token: person.accessToken });

/** Events of the preparation do not count as events of the act. */
const forgetEvents = () => queryDatabase(server.app.deps.db, build.delete(auditEvents));

/** An account at the provider with this address. */
const accountOf = ({ email }: { email: string }) => ({
  sub: `sub-${email}`,
  email,
  email_verified: true,
});

async function askForChange(person: Person): Promise<string> {
  const newEmail = `new-${person.email}`;
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, as(person));
  return newEmail;
}

/**
 * The events of each mutation, and how to cause them. `by` sends the mutation with a person who has one
 * session. Every type in `leaves` must exist afterwards.
 */
const ACTS: Readonly<
  Record<string, { leaves: readonly EventType[]; by: (person: Person) => Promise<unknown> }>
> = {
  register: {
    leaves: ['REGISTRATION_REQUESTED', 'EMAIL_VERIFICATION_SENT'],
    by: ({ email }) => server.graphql(REGISTER, { input: { email, password: NEW_PASSWORD } }),
  },
  verifyEmail: {
    leaves: ['EMAIL_VERIFIED', 'ACCOUNT_CREATED', 'SIGNED_IN'],
    by: async () => signUp(server),
  },
  resendEmailVerification: {
    leaves: ['EMAIL_VERIFICATION_SENT'],
    by: ({ email }) => server.graphql(RESEND, { input: { email } }),
  },
  login: {
    leaves: ['SIGNED_IN', 'SECOND_FACTOR_REQUIRED', 'SIGN_IN_FAILED', 'RATE_LIMITED'],
    by: async (person) => {
      await signIn(server, person);
      await enrollTotp(server, person);
      await forgetEvents();
      await challengeOf(server, person);
      await signIn(server, await signUp(server));
      // The tenth exhausts the account's limit.
      const input = { email: person.email, password: NEW_PASSWORD };
      for (let wrong = 0; wrong < 10; wrong += 1) await server.graphql(LOGIN, { input });
    },
  },
  requestEmailSignIn: {
    leaves: ['EMAIL_SIGN_IN_REQUESTED'],
    by: ({ email }) => server.graphql(REQUEST_SIGN_IN, { input: { email } }),
  },
  completeEmailSignIn: {
    leaves: ['SIGNED_IN', 'SIGN_IN_FAILED', 'ACCOUNT_CREATED'],
    by: async ({ email }) => {
      const mail = await requestSignIn(server, email);
      const { code, emailSignInToken } = mail;
      await completeSignIn(server, { code: { code: wrongCode(code), emailSignInToken } });
      await completeSignIn(server, codeOf(mail));
      await completeSignIn(server, linkOf(await requestSignIn(server, `mailed-${email}`)));
    },
  },
  acceptInvitation: {
    leaves: ['ACCOUNT_CREATED', 'INVITATION_ACCEPTED', 'SIGNED_IN'],
    by: async ({ email }) =>
      accept(server, await plantInvitation(server, { email: `invited-${email}` })),
  },
  verifyMfa: {
    leaves: ['SECOND_FACTOR_FAILED', 'BACKUP_CODE_USED', 'SIGNED_IN'],
    by: async (person) => {
      const { backupCodes } = await enrollTotp(server, person);
      const { challengeToken } = await challengeOf(server, person);
      await forgetEvents();
      for (const code of ['0000-0000-0000', backupCodes[0] ?? '']) {
        await verify(server, challengeToken, 'BACKUP_CODE', code);
      }
    },
  },
  sendMfaEmailCode: {
    leaves: ['SECOND_FACTOR_CODE_SENT'],
    by: async (person) => {
      await enrollEmail(server, person);
      const { challengeToken } = await challengeOf(server, person);
      await forgetEvents();
      await server.graphql(MFA.sendCode, { input: { challengeToken } });
    },
  },
  enableTotp: {
    leaves: ['MFA_ENROLLMENT_STARTED'],
    by: (person) => server.graphql(MFA.enableTotp, undefined, as(person)),
  },
  confirmTotp: {
    leaves: ['MFA_ENABLED', 'BACKUP_CODES_GENERATED'],
    by: async (person) => {
      const { secret } = await callAs(server, person.accessToken, MFA.enableTotp);
      await forgetEvents();
      const input = { code: totpCode(secret, clock.now()) };
      await callAs(server, person.accessToken, MFA.confirmTotp, input);
    },
  },
  disableTotp: {
    leaves: ['MFA_DISABLED'],
    by: async (person) => {
      await enrollTotp(server, person);
      await server.graphql(MFA.disableTotp, undefined, as(person));
    },
  },
  enableEmailMfa: {
    leaves: ['MFA_ENROLLMENT_STARTED'],
    by: (person) => server.graphql(MFA.enableEmailMfa, undefined, as(person)),
  },
  confirmEmailMfa: {
    leaves: ['MFA_ENABLED', 'BACKUP_CODES_GENERATED'],
    by: (person) => enrollEmail(server, person),
  },
  disableEmailMfa: {
    leaves: ['MFA_DISABLED'],
    by: async (person) => {
      const enrolled = await enrollEmail(server, await signIn(server, person));
      await server.graphql(MFA.disableEmailMfa, undefined, as(enrolled));
    },
  },
  regenerateBackupCodes: {
    leaves: ['BACKUP_CODES_GENERATED'],
    by: async (person) => {
      await enrollTotp(server, person);
      await forgetEvents();
      await server.graphql(MFA.regenerate, undefined, as(person));
    },
  },
  startOAuth: {
    leaves: ['OAUTH_FAILED'],
    by: () =>
      server.graphql(START, { input: { provider: 'down', redirectUri: redirectUriOf('down') } }),
  },
  completeOAuth: {
    leaves: ['ACCOUNT_CREATED', 'IDENTITY_LINKED', 'SIGNED_IN', 'OAUTH_FAILED'],
    by: async (person) => {
      await roundTrip(server, provider, accountOf({ email: `social-${person.email}` }));
      // An account with this address exists, and nothing is linked to it.
      await roundTrip(server, provider, accountOf(person));
    },
  },
  unlinkIdentity: {
    leaves: ['IDENTITY_UNLINKED'],
    by: async (person) => {
      const { identity } = await roundTrip(server, provider, accountOf(person), person.accessToken);
      await server.graphql(UNLINK, { input: { identityId: identity.id } }, as(person));
    },
  },
  // Starting a ceremony writes nothing.
  startPasskeySignIn: { leaves: [], by: () => server.graphql(PASSKEY.startSignIn) },
  completePasskeySignIn: {
    leaves: ['SIGNED_IN', 'PASSKEY_FAILED', 'PASSKEY_COUNTER_ALARM'],
    by: async (person) => {
      const securityKey = authenticatorFor(server, { synced: false });
      await enroll(server, person, securityKey);
      await forgetEvents();
      await signInWithPasskey(server, securityKey);
      await signInWithPasskey(server, securityKey, { counter: 1 });
    },
  },
  startPasskeyEnrollment: { leaves: [], by: (person) => startEnrollment(server, person) },
  completePasskeyEnrollment: {
    leaves: ['PASSKEY_ADDED', 'PASSKEY_FAILED', 'MFA_ENABLED', 'BACKUP_CODES_GENERATED'],
    by: async (person) => {
      await enrollAsFactor(server, person, authenticatorFor(server));
      await enroll(server, person, authenticatorFor(server));
      const overrides = { origin: 'https://evil.example' };
      await enroll(server, person, authenticatorFor(server), { overrides });
    },
  },
  removePasskey: {
    leaves: ['PASSKEY_REMOVED', 'MFA_DISABLED'],
    by: async (person) => {
      const { passkey } = await enrollAsFactor(server, person, authenticatorFor(server));
      const input = { passkeyId: passkey.id };
      await server.graphql(PASSKEY_MFA.remove, { input }, as(person));
    },
  },
  enablePasskeyMfa: {
    leaves: ['MFA_ENABLED', 'BACKUP_CODES_GENERATED'],
    by: async (person) => {
      await enroll(server, person, authenticatorFor(server));
      await server.graphql(PASSKEY_MFA.enable, undefined, as(person));
    },
  },
  disablePasskeyMfa: {
    leaves: ['MFA_DISABLED'],
    by: async (person) => {
      await enrollAsFactor(server, person, authenticatorFor(server));
      await server.graphql(PASSKEY_MFA.disable, undefined, as(person));
    },
  },
  startPasskeyMfa: {
    leaves: [],
    by: async (person) => {
      const authenticator = authenticatorFor(server);
      await enrollAsFactor(server, person, authenticator);
      const { challengeToken } = await challengeOf(server, person);
      await mfaProof(server, challengeToken, authenticator);
    },
  },
  verifyPasskeyMfa: {
    leaves: ['SECOND_FACTOR_FAILED', 'SIGNED_IN'],
    by: async (person) => {
      const authenticator = authenticatorFor(server);
      await enrollAsFactor(server, person, authenticator);
      const { challengeToken } = await challengeOf(server, person);
      await forgetEvents();
      for (const userVerified of [false, true]) {
        const overrides = { userVerified };
        const proof = await mfaProof(server, challengeToken, authenticator, { overrides });
        await verifyPasskey(server, challengeToken, proof);
      }
    },
  },
  startPasskeyReauthentication: {
    leaves: [],
    by: async (person) => {
      await enroll(server, person, authenticatorFor(server));
      await server.graphql(PASSKEY_MFA.startReauthentication, undefined, as(person));
    },
  },
  renamePasskey: {
    leaves: ['PASSKEY_RENAMED'],
    by: async (person) => {
      const { passkey } = await enroll(server, person, authenticatorFor(server));
      const input = { passkeyId: passkey.id, name: 'Phone' };
      await server.graphql(PASSKEY.rename, { input }, as(person));
    },
  },
  refreshToken: {
    leaves: ['REFRESH_TOKEN_ADOPTED', 'REFRESH_TOKEN_REUSED'],
    by: async (person) => {
      const { db } = server.app.deps;
      const [row] = await queryDatabase(
        db,
        build.select().from(sessions).where(eq(sessions.id, person.sessionId)),
      );
      const { refreshToken } = await refresh(server, person.refreshToken);
      // The database lost that rotation.
      await queryDatabase(
        db,
        build
          .update(sessions)
          .set(row ?? {})
          .where(eq(sessions.id, person.sessionId)),
      );
      await refresh(server, refreshToken);
      // Older than the token that was used last.
      await refresh(server, person.refreshToken);
    },
  },
  reauthenticate: {
    leaves: ['REAUTHENTICATED', 'REAUTHENTICATION_FAILED'],
    by: async (person) => {
      for (const password of [NEW_PASSWORD, person.password]) {
        await server.graphql(REAUTHENTICATE, { input: { password } }, as(person));
      }
    },
  },
  sendReauthenticationCode: {
    leaves: ['REAUTHENTICATION_CODE_SENT'],
    by: async (person) => {
      const enrolled = await enrollEmail(server, await signIn(server, person));
      await server.graphql(MFA.sendReauthenticationCode, undefined, as(enrolled));
    },
  },
  logout: {
    leaves: ['SIGNED_OUT'],
    by: (person) => server.graphql('mutation { logout { __typename } }', {}, as(person)),
  },
  revokeSession: {
    leaves: ['SESSION_REVOKED'],
    by: (person) =>
      server.graphql(
        'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename } }',
        { input: { sessionId: person.sessionId } },
        as(person),
      ),
  },
  revokeOtherSessions: {
    leaves: ['OTHER_SESSIONS_REVOKED'],
    by: async (person) => {
      await signIn(server, person);
      await server.graphql('mutation { revokeOtherSessions { __typename } }', {}, as(person));
    },
  },
  requestPasswordReset: {
    leaves: ['PASSWORD_RESET_REQUESTED'],
    by: ({ email }) => server.graphql(REQUEST_RESET, { input: { email } }),
  },
  resetPassword: {
    leaves: ['PASSWORD_RESET'],
    by: async ({ email }) => {
      const { token } = await askForReset(server, email);
      await server.graphql(RESET, { input: { proof: { token }, newPassword: NEW_PASSWORD } });
    },
  },
  changePassword: {
    leaves: ['PASSWORD_CHANGE_FAILED', 'PASSWORD_CHANGED'],
    by: async (person) => {
      for (const currentPassword of [NEW_PASSWORD, person.password]) {
        const input = { currentPassword, newPassword: NEW_PASSWORD };
        await server.graphql(CHANGE_PASSWORD, { input }, as(person));
      }
    },
  },
  requestEmailChange: { leaves: ['EMAIL_CHANGE_REQUESTED'], by: askForChange },
  confirmEmailChange: {
    leaves: ['EMAIL_CHANGED'],
    by: async (person) => {
      const { token } = await mailTitled(server, await askForChange(person), TITLES.confirmChange);
      await server.graphql(CONFIRM_EMAIL_CHANGE, { input: { proof: { token } } }, as(person));
    },
  },
  undoEmailChange: {
    leaves: ['EMAIL_CHANGE_UNDONE'],
    by: async (person) => {
      await askForChange(person);
      const { token } = await mailTitled(server, person.email, TITLES.changeRequested);
      await server.graphql(UNDO_EMAIL_CHANGE, { input: { token } });
    },
  },
  undoSecurityChange: {
    leaves: ['MFA_DISABLED', 'PASSKEY_REMOVED', 'SECURITY_CHANGE_UNDONE'],
    by: async (person) => {
      await enroll(server, person, authenticatorFor(server));
      await enrollTotp(server, person);
      const { token } = await mailTitled(server, person.email, TITLES.factorAdded);
      await server.graphql(UNDO_SECURITY_CHANGE, { input: { token } });
    },
  },
  updateProfile: {
    leaves: ['PROFILE_UPDATED'],
    by: (person) => server.graphql(UPDATE_PROFILE, { input: { name: 'Ada' } }, as(person)),
  },
  completeHandover: {
    leaves: ['IMPERSONATION_REQUESTED', 'IMPERSONATION_STARTED', 'IMPERSONATION_ENDED'],
    by: async (person) => {
      const administrator = await signUpAdministrator(server);
      await forgetEvents();
      const { accessToken } = await impersonate(server, administrator, person);
      await server.graphql('mutation { logout { __typename } }', {}, { token: accessToken });
    },
  },
  deleteAccount: {
    leaves: ['ACCOUNT_DELETED'],
    by: (person) => server.graphql(DELETE_ACCOUNT, undefined, as(person)),
  },
};

/** Events of operators, of administrators and of the system itself, without a public mutation. */
const BESIDE: readonly EventType[] = [
  'SIGNING_KEY_ROTATED',
  'SIGNING_KEY_REVOKED',
  'ACCOUNT_DISABLED',
  'ACCOUNT_ENABLED',
  'ACCOUNT_UPDATED',
  'SESSIONS_REVOKED',
  'ALL_SESSIONS_ENDED',
  'ROLES_CHANGED',
  'INVITATION_SENT',
  'INVITATION_REVOKED',
  'RATE_LIMITS_RESET',
];

const EVERY_TYPE = [...Object.values(ACTS).flatMap(({ leaves }) => leaves), ...BESIDE];

const mutations = Object.keys(publicSchema().getMutationType()?.getFields() ?? {}).sort();

test('LO-1: every mutation is listed here, and every type of event has its mutation', () => {
  expect(Object.keys(ACTS).sort()).toEqual(mutations);
  expect(Array.from(new Set(EVERY_TYPE)).sort()).toEqual(Object.keys(EVENT_TYPES).sort());
});

test.each(mutations)('LO-1: %s records its events', async (mutation) => {
  const act = ACTS[mutation];
  if (!act) throw new Error(`${mutation} has no line.`);
  const person = await signUp(server);
  await forgetEvents();
  await act.by(person);
  const rows = await queryDatabase(server.app.deps.db, build.select().from(auditEvents));
  expect(rows.map(({ type }) => type)).toEqual(expect.arrayContaining([...act.leaves]));
  for (const row of rows) {
    // The retention is decided when the event is written (DR-6).
    const type = EVERY_TYPE.find((one) => one === row.type);
    expect([type, row.routine]).toEqual([row.type, type !== undefined && isRoutine(type)]);
    if (row.type === 'ACCOUNT_DELETED') continue;
    expect(row.ipAddress).toBe('127.0.0.1');
    expect(row.requestId).not.toBeNull();
    expect(row.at).toEqual(clock.now());
  }
});

test('LO-1: a person reads their own events, newest first, and nobody else’s', async () => {
  const person = await signUp(server);
  const stranger = await signUp(server);
  for (let times = 0; times < 3; times += 1) {
    clock.advance(1);
    await server.graphql(UPDATE_PROFILE, { input: { name: `Ada ${times}` } }, as(person));
  }
  const query = `query ($first: Int, $after: String) { viewer { securityEvents(first: $first, after: $after) {
    edges { cursor node { id type at ipAddress userAgent } } pageInfo { hasNextPage endCursor } } } }`;
  const types: string[] = [];
  let after: string | null = null;
  do {
    const answer: Answer = await server.graphql(query, { first: 2, after }, as(person));
    const { edges, pageInfo } = answer.data.viewer.securityEvents;
    types.push(...edges.map(({ node }: { node: { type: string } }) => node.type));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(types.slice(0, 3)).toEqual(['PROFILE_UPDATED', 'PROFILE_UPDATED', 'PROFILE_UPDATED']);
  // Events of the same moment have either order.
  expect(types.slice(3).sort()).toEqual(['ACCOUNT_CREATED', 'EMAIL_VERIFIED', 'SIGNED_IN']);
  const { db } = server.app.deps;
  const own = await queryDatabase(
    db,
    build.select().from(auditEvents).where(eq(auditEvents.userId, stranger.userId)),
  );
  const { data } = await server.graphql(query, { first: 100 }, as(stranger));
  expect(data.viewer.securityEvents.edges).toHaveLength(own.length);
  const wrong = await server.graphql(query, { first: 101 }, as(person));
  expect(wrong.data?.viewer ?? null).toBeNull();
});

const isWalk = (plan: string) => / by (Seq Scan|walk of .*)$/.test(plan);

/** Tables to which no request of a person adds rows. test/db/plans.test.ts holds how roles are read. */
const isOfTheServer = (plan: string) => /^(signing_keys|leases|roles|user_roles) /.test(plan);

/** The test's own queries over the whole log. */
const OF_THE_TEST = /^(delete|select [^$]*) from "audit_events"$/;

test('DR-7: no statement of these acts scans a table, with one account holding 99 % of each', async () => {
  statements.stop();
  const { db } = server.app.deps;
  const isRead = (text: string) =>
    /^\s*(select|insert|update|delete|with)/i.test(text) && !OF_THE_TEST.test(text);
  const texts = new Set(statements.sent.map(({ text }) => text).filter(isRead));
  expect(texts.size).toBeGreaterThan(80);
  // The acts leave more than one in fifty of the codes that are filled in.
  await queryDatabase(db, sql`delete from backup_codes`);
  await fillSkewed(db);
  const shares = await sharesOf(db);
  expect(Object.keys(shares)).toEqual(
    expect.arrayContaining(['access_ledger', 'removed_credentials', 'sessions']),
  );
  for (const [table, share] of Object.entries(shares)) expect(share, table).toBeGreaterThan(0.98);
  // Future partitions are known to be empty without a scan.
  const months = await queryDatabase<{ name: string }>(
    db,
    sql`select relname as name from pg_class where relispartition and relkind = 'r' and reltuples = 0`,
  );
  expect(months.length).toBeGreaterThanOrEqual(3);
  const isEmpty = (plan: string) => months.some(({ name }) => plan.startsWith(`${name} `));
  const walks: string[] = [];
  for (const text of texts) {
    const plans = await genericPlanOf(db, text);
    const walked = plans.filter((plan) => isWalk(plan) && !isOfTheServer(plan) && !isEmpty(plan));
    if (walked.length > 0) walks.push(`${walked.join()}: ${text}`);
  }
  expect(walks).toEqual([]);
});

test('DR-7: reads for an account do not grow with what the account has stored', async () => {
  const { deps } = server.app;
  const { db } = deps;
  const [other] = await queryDatabase(
    db,
    build.select({ id: users.id }).from(users).where(sql`email = 'skewed-1@example.com'`),
  );
  const now = new Date();
  const page = { before: null, limit: 21, now };
  const historyStatements = (id: string) => {
    const owner = { id, email: 'skewed-0@example.com' };
    // Not the factors: their backup codes are at most ten, which the skewed tables do not know.
    const [, origins, failures] = personRecordStatements(deps, owner);
    return [origins, failures] as const;
  };
  for (const userId of [HOLDER, other?.id ?? '']) {
    const rows = {
      sessions: await rowsReadBy(db, () => run(db, listLiveSessions({ userId, ...page }))),
      events: await rowsReadBy(db, () => run(db, listSecurityEvents({ userId, ...page }))),
      eviction: await rowsReadBy(db, () =>
        run(db, evictSessions({ userId, created: userId, keep: 50, now })),
      ),
      history: await rowsReadBy(db, () => pipeline(db, historyStatements(userId))),
    };
    // The maximum number of sessions of an account, and their person.
    expect(rows.sessions).toBeLessThanOrEqual(50 + 1);
    expect(rows.events).toBeLessThanOrEqual(page.limit);
    expect(rows.eviction).toBeLessThanOrEqual(50);
    expect(rows.history).toBeLessThanOrEqual(2);
  }
});
