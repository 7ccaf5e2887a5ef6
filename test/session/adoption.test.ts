import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { sessions } from '../../src/db/tables/session.ts';
import { HOUR } from '../../src/kernel/duration.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { createRandom } from '../../src/kernel/random.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { parseRefreshToken, stepsAhead } from '../../src/session/refresh-token.ts';
import { countMails, TITLES } from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { rememberDatabase } from '../support/lost-commits.ts';
import { queryDatabase } from '../support/query-database.ts';
import { mailCount } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';
import { sessionRow } from './rows.ts';

/** The most lost rotations that an adoption accepts. */
const MOST_STEPS = 32;
const TABS = 20;

const clock = createFakeClock();
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    env: { DATABASE_POOL_SIZE: '20', METRICS_PORT: '9469' },
  });
});
afterAll(() => server.close());

/** Refreshes this many times and returns every token, the given one first. */
async function line(refreshToken: string, times: number): Promise<readonly string[]> {
  const tokens = [refreshToken];
  for (let n = 0; n < times; n += 1)
    tokens.push((await refresh(server, tokens.at(-1) ?? '')).refreshToken);
  return tokens;
}

/** A person whose session was refreshed this many times after the last moment that the database kept. */
async function ahead(times: number) {
  const person = await signUp(server);
  await mailCount(server, person.email);
  const moment = await rememberDatabase(server);
  const tokens = await line(person.refreshToken, times);
  await moment.loseCommits();
  return { person, tokens, newest: tokens.at(-1) ?? '' };
}

async function eventsOf({ sessionId }: Pick<Person, 'sessionId'>) {
  return await queryDatabase(
    server.app.deps.db,
    build
      .select({ type: auditEvents.type, detail: auditEvents.detail })
      .from(auditEvents)
      .where(eq(auditEvents.sessionId, sessionId))
      .orderBy(auditEvents.id),
  );
}

const typesOf = async (person: Person) => (await eventsOf(person)).map(({ type }) => type);

async function theftMails(person: Person): Promise<number> {
  await mailCount(server, person.email);
  return countMails(server, person.email, TITLES.reuse);
}

/** The counter in the operator's metrics. */
const adoptions = () =>
  Number(
    /^latchkey_refresh_adoptions_total (\d+)$/m.exec(server.app.metrics?.read().text ?? '')?.[1],
  );

const typeOfRefresh = async (token: string): Promise<string> =>
  (await refresh(server, token)).__typename;

test.each([1, 2, 5, MOST_STEPS])(
  'RR-15: a token %i rotations newer than the database is adopted, recorded, and no theft is reported',
  async (steps) => {
    const { person, newest } = await ahead(steps);
    const before = adoptions();
    const answer = await refresh(server, newest);
    expect(answer.__typename).toBe('SignedIn');
    expect(adoptions() - before).toBe(1);
    expect(await eventsOf(person)).toContainEqual({
      type: 'REFRESH_TOKEN_ADOPTED',
      detail: { steps },
    });
    expect(await theftMails(person)).toBe(0);
    // From then on the token is like any other: a lost answer is repeated, and the family continues.
    expect((await refresh(server, newest)).refreshToken).toBe(answer.refreshToken);
    expect(await typeOfRefresh(answer.refreshToken)).toBe('SignedIn');
  },
);

test('RR-15: a token that follows by more steps than an adoption accepts is refused as reuse', async () => {
  const { person, newest } = await ahead(MOST_STEPS + 1);
  expect(await typeOfRefresh(newest)).toBe('InvalidTokenError');
  expect(await typesOf(person)).toContain('REFRESH_TOKEN_REUSED');
  expect(await theftMails(person)).toBe(1);
});

test('RR-7, RR-15: an older token ends the session, before an adoption and after it', async () => {
  for (const adoptsFirst of [false, true]) {
    const person = await signUp(server);
    const [spent = '', , current = ''] = await line(person.refreshToken, 2);
    await mailCount(server, person.email);
    const moment = await rememberDatabase(server);
    const newest = (await line(current, 3)).at(-1) ?? '';
    await moment.loseCommits();
    if (adoptsFirst) expect(await typeOfRefresh(newest)).toBe('SignedIn');
    expect(await typeOfRefresh(spent)).toBe('InvalidTokenError');
    expect(await typeOfRefresh(newest)).toBe('InvalidTokenError');
    const row = await sessionRow(server, person.sessionId);
    expect(row).toMatchObject({ revokedBecause: 'refresh-token-reused' });
    expect(await theftMails(person)).toBe(1);
  }
});

test('RR-15: if thief and owner both hold lost tokens, the second branch of the family ends the session', async () => {
  const { person, tokens, newest } = await ahead(4);
  // The thief copied a token of the lost seconds that its owner spent then.
  const stolen = await refresh(server, tokens[2] ?? '');
  expect(stolen.refreshToken).toBe(tokens[3]);
  const owners = await refresh(server, newest);
  expect(owners.__typename).toBe('SignedIn');
  expect(await typesOf(person)).not.toContain('REFRESH_TOKEN_REUSED');
  // The one who presents what the other has spent is detected.
  expect(await typeOfRefresh(stolen.refreshToken)).toBe('InvalidTokenError');
  expect(await typeOfRefresh(owners.refreshToken)).toBe('InvalidTokenError');
  expect(await theftMails(person)).toBe(1);
});

test('RR-8, RR-15: neither the database’s rows nor another session’s token suffice to make a token that follows', async () => {
  const { person, newest } = await ahead(2);
  const row = await sessionRow(server, person.sessionId);
  if (!row) throw new Error('The session is gone.');
  // A reader of the rows lacks the key; another keyring derives other tokens.
  const random = createRandom();
  const strange = createKeyring([random.bytes(32)], random);
  const { hash } = parseRefreshToken(server.app.deps.keyring, newest) ?? {};
  expect(stepsAhead(server.app.deps.keyring, row, hash ?? Buffer.alloc(0))).toBe(2);
  expect(stepsAhead(strange, row, hash ?? Buffer.alloc(0))).toBeNull();
  // Another session's token with this session's id written into it has a tag that no longer matches.
  const other = Buffer.from((await signUp(server)).refreshToken.slice(4), 'base64url');
  Buffer.from(newest.slice(4), 'base64url').copy(other, 0, 0, 16);
  expect(await typeOfRefresh(`lkr_${other.toString('base64url')}`)).toBe('InvalidTokenError');
  expect(await typesOf(person)).not.toContain('REFRESH_TOKEN_REUSED');
  expect(await typeOfRefresh(newest)).toBe('SignedIn');
});

test.each([
  ['revoked', { revokedAt: new Date(0), revokedBecause: 'signed-out' }],
  ['expired', { expiresAt: new Date(0) }],
  ['of older credentials', { credentialVersion: 0 }],
] as const)('RR-4, RR-9, RR-15: a session that is %s adopts nothing', async (_, ended) => {
  const { person, newest } = await ahead(2);
  const { db } = server.app.deps;
  await queryDatabase(
    db,
    build.update(sessions).set(ended).where(eq(sessions.id, person.sessionId)),
  );
  expect(await typeOfRefresh(newest)).toBe('InvalidTokenError');
  expect(await typesOf(person)).not.toContain('REFRESH_TOKEN_ADOPTED');
  expect(await theftMails(person)).toBe(0);
});

test('RR-2, RR-15: an adoption extends neither the 7 days of a token nor the 30 days of its session', async () => {
  const { person, newest } = await ahead(2);
  const { db } = server.app.deps;
  const end = new Date(clock.now().getTime() + HOUR);
  await queryDatabase(
    db,
    build.update(sessions).set({ absoluteExpiresAt: end }).where(eq(sessions.id, person.sessionId)),
  );
  expect(await typeOfRefresh(newest)).toBe('SignedIn');
  expect((await sessionRow(server, person.sessionId))?.expiresAt).toEqual(end);
});

test('RL-14, RR-15: a session adopts ten times an hour; then it is rate limited and does not end', async () => {
  const { person, tokens } = await ahead(24);
  let adopted = 0;
  let token = '';
  for (let step = 2; step <= 24; step += 2) {
    token = tokens[step] ?? '';
    const answer = await refresh(server, token);
    if (answer.__typename === 'SignedIn') adopted += 1;
    else expect(answer).toMatchObject({ __typename: 'RateLimitedError' });
  }
  expect(adopted).toBe(RULES.refreshes.allowance / 360);
  expect(await theftMails(person)).toBe(0);
  clock.advance(HOUR);
  expect(await typeOfRefresh(token)).toBe('SignedIn');
});

test('RL-14, RR-15: a session that was refreshed often can still be refreshed after an adoption', async () => {
  const { person, newest } = await ahead(1);
  const refreshesResetAt = new Date(clock.now().getTime() + HOUR);
  const busy = { refreshes: RULES.refreshes.allowance - 1, refreshesResetAt };
  await queryDatabase(
    server.app.deps.db,
    build.update(sessions).set(busy).where(eq(sessions.id, person.sessionId)),
  );
  expect(await typeOfRefresh(newest)).toBe('SignedIn');
});

test('RR-15: rotations that were lost under an older root secret are adopted', async () => {
  const person = await signUp(server);
  const row = await sessionRow(server, person.sessionId);
  if (!row) throw new Error('The session is gone.');
  const tokens = await line(person.refreshToken, 3);
  const random = createRandom();
  const [secret] = server.app.deps.config.secretKeys;
  const keyring = createKeyring([random.bytes(32), secret], random);
  const { hash } = parseRefreshToken(keyring, tokens[3] ?? '') ?? {};
  expect(stepsAhead(keyring, row, hash ?? Buffer.alloc(0))).toBe(3);
});

const TRIALS = trialsOr(15);

test(`RR-3, RR-5, RR-15: ${TRIALS} × ${TABS} adoptions at once give one successor and one event, and no theft is reported`, async () => {
  const person = await signUp(server);
  await mailCount(server, person.email);
  let single = 0;
  let current = person.refreshToken;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const moment = await rememberDatabase(server);
    const newest = (await line(current, 3)).at(-1) ?? '';
    await moment.loseCommits();
    const answers = await Promise.all(Array.from({ length: TABS }, () => refresh(server, newest)));
    expect(answers.map(({ __typename }) => __typename)).toEqual(Array(TABS).fill('SignedIn'));
    const next = new Set(answers.map(({ refreshToken }) => refreshToken));
    const events = (await typesOf(person)).filter((type) => type === 'REFRESH_TOKEN_ADOPTED');
    if (next.size === 1 && events.length === trial + 1) single += 1;
    current = answers[0]?.refreshToken ?? '';
    // The hourly limit, of which an adoption counts a tenth, is not under test here.
    clock.advance(HOUR);
  }
  expect(single).toBe(TRIALS);
  expect(await theftMails(person)).toBe(0);
}, 120_000);

test(`RR-7, RR-15: ${TRIALS} × an adoption and an older token at once end the session, with one mail`, async () => {
  const email = `ended-${TRIALS}@example.com`;
  const person = await signUp(server, { email });
  let ended = 0;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const session = await signIn(server, person);
    const [spent = '', , current = ''] = await line(session.refreshToken, 2);
    const moment = await rememberDatabase(server);
    const newest = (await line(current, 2)).at(-1) ?? '';
    await moment.loseCommits();
    const answers = await Promise.all(
      Array.from({ length: TABS }, (_, tab) => refresh(server, tab === 7 ? spent : newest)),
    );
    const survivors = [newest, ...answers.map(({ refreshToken }) => refreshToken)];
    const alive = await Promise.all(
      survivors.filter((token) => token !== undefined).map(typeOfRefresh),
    );
    if (!alive.includes('SignedIn')) ended += 1;
    // Sign-ins of one account are rate limited as well.
    clock.advance(HOUR);
  }
  expect(ended).toBe(TRIALS);
  expect(await theftMails(person)).toBe(TRIALS);
}, 120_000);

test(`RR-4, RR-15: ${TRIALS} × a logout and an adoption at once leave no token valid`, async () => {
  const logout = 'mutation { logout { __typename } }';
  let survivors = 0;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const { person, newest } = await ahead(2);
    const [, answer] = await Promise.all([
      server.graphql(logout, undefined, { token: person.accessToken }),
      refresh(server, newest),
    ]);
    for (const token of [newest, answer.refreshToken]) {
      if (token !== undefined && (await typeOfRefresh(token)) === 'SignedIn') survivors += 1;
    }
  }
  expect(survivors).toBe(0);
}, 120_000);
