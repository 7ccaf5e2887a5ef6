import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSchema } from '../../src/api/schema.ts';
import { EVENT_TYPES, type EventType } from '../../src/audit/event-type.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { MINUTE } from '../../src/kernel/duration.ts';
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
  UPDATE_PROFILE,
} from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { LOGIN, type Person, REGISTER, refresh, signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const clock = createFakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server.close());

const as = (person: Person) => ({ token: person.accessToken });

async function askForChange(person: Person): Promise<string> {
  const newEmail = `new-${person.email}`;
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, as(person));
  return newEmail;
}

/**
 * What each mutation writes down, and how to make it do so. `by` sends it with a person who has
 * one session; every type in `leaves` must be there afterwards.
 */
const ACTS: Readonly<
  Record<string, { leaves: readonly EventType[]; by: (person: Person) => Promise<unknown> }>
> = {
  register: {
    leaves: ['REGISTERED', 'EMAIL_VERIFICATION_SENT'],
    by: ({ email }) => server.graphql(REGISTER, { input: { email, password: NEW_PASSWORD } }),
  },
  verifyEmail: { leaves: ['EMAIL_VERIFIED', 'SIGNED_IN'], by: async () => signUp(server) },
  resendEmailVerification: {
    leaves: ['EMAIL_VERIFICATION_SENT'],
    by: ({ email }) => server.graphql(RESEND, { input: { email } }),
  },
  login: {
    leaves: ['SIGNED_IN', 'SIGN_IN_FAILED'],
    by: async (person) => {
      await signIn(server, person);
      await server.graphql(LOGIN, { input: { email: person.email, password: NEW_PASSWORD } });
    },
  },
  refreshToken: {
    leaves: ['REFRESH_TOKEN_REUSED'],
    by: async (person) => {
      await refresh(server, person.refreshToken);
      clock.advance(MINUTE);
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
    by: (person) =>
      server.graphql('mutation { revokeOtherSessions { __typename } }', {}, as(person)),
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
  updateProfile: {
    leaves: ['PROFILE_UPDATED'],
    by: (person) => server.graphql(UPDATE_PROFILE, { input: { name: 'Ada' } }, as(person)),
  },
  deleteAccount: {
    leaves: ['ACCOUNT_DELETED'],
    by: (person) => server.graphql(DELETE_ACCOUNT, undefined, as(person)),
  },
};

/** What the operator does, and the system by itself: no mutation. */
const BESIDE: readonly EventType[] = ['SIGNING_KEY_ROTATED', 'SIGNING_KEY_REVOKED'];

const mutations = Object.keys(createSchema().getMutationType()?.getFields() ?? {}).sort();

test('LO-1: every mutation has its line here, and every type of event its mutation', () => {
  expect(Object.keys(ACTS).sort()).toEqual(mutations);
  const left = Object.values(ACTS).flatMap(({ leaves }) => leaves);
  expect(Array.from(new Set([...left, ...BESIDE])).sort()).toEqual(Object.keys(EVENT_TYPES).sort());
});

test.each(mutations)('LO-1: %s leaves its rows', async (mutation) => {
  const act = ACTS[mutation];
  if (!act) throw new Error(`${mutation} has no line.`);
  const person = await signUp(server);
  const { db } = server.app.deps;
  await db.delete(auditEvents);
  await act.by(person);
  const rows = await db.select().from(auditEvents);
  expect(rows.map(({ type }) => type)).toEqual(expect.arrayContaining([...act.leaves]));
  for (const row of rows) {
    if (row.type === 'ACCOUNT_DELETED') continue;
    expect(row.ipAddress).toBe('127.0.0.1');
    expect(row.requestId).not.toBeNull();
    expect(row.at).toEqual(clock.now());
  }
});

test('LO-1: a person pages through their own events, newest first, and through nobody else’s', async () => {
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
    const { data } = await server.graphql(query, { first: 2, after }, as(person));
    const { edges, pageInfo } = data.viewer.securityEvents;
    types.push(...edges.map(({ node }: { node: { type: string } }) => node.type));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(types.slice(0, 3)).toEqual(['PROFILE_UPDATED', 'PROFILE_UPDATED', 'PROFILE_UPDATED']);
  // Of one moment, and so in either order.
  expect(types.slice(3).sort()).toEqual(['EMAIL_VERIFIED', 'SIGNED_IN']);
  const { db } = server.app.deps;
  const own = await db.select().from(auditEvents).where(eq(auditEvents.userId, stranger.userId));
  const { data } = await server.graphql(query, { first: 100 }, as(stranger));
  expect(data.viewer.securityEvents.edges).toHaveLength(own.length);
  const wrong = await server.graphql(query, { first: 101 }, as(person));
  expect(wrong.data?.viewer ?? null).toBeNull();
});
