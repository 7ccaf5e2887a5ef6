import { expect } from 'vitest';
import { onAccountOf } from '../../src/account/by-address.ts';
import { removeFactors } from '../../src/account/remove-factors.ts';
import { run } from '../../src/db/executor.ts';
import { transaction } from '../../src/db/transaction.ts';
import { changeEmail } from '../../src/user/store.ts';
import {
  askForReset,
  countMails,
  isSignedIn,
  NEW_PASSWORD,
  RESET,
} from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { refresh, signIn, signUp } from '../support/journeys.ts';
import { latchkey as runCommand } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import { challengeOf, enrollEmail, MFA, verify } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

const latchkey = (server: TestServer, line: string) =>
  runCommand(`${line} --yes`, { config: server.app.deps.config });

test('EO-6, MF-7: codes by mail alone, no backup code left, a reset: a mailbox opens nothing, an operator does, and says so', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signIn(server, await signUp(server)));
  for (const code of person.backupCodes) {
    clock.advance(60_000);
    const { challengeToken } = await challengeOf(server, person);
    expect((await verify(server, challengeToken, 'BACKUP_CODE', code)).__typename).toBe('SignedIn');
  }
  const other = await signUp(server);
  const { token } = await askForReset(server, person.email);
  await server.graphql(RESET, { input: { proof: { token }, newPassword: NEW_PASSWORD } });
  const again = { email: person.email, password: NEW_PASSWORD };
  const { challengeToken, methods } = await challengeOf(server, again);
  expect(methods).toEqual([]);
  const sent = await server.graphql(MFA.sendCode, { input: { challengeToken } });
  expect(sent.data.sendMfaEmailCode.__typename).toBe('MfaNotEnabledError');

  const removed = await latchkey(server, `factors remove ${person.email.toUpperCase()}`);
  expect(removed, removed.err.join()).toMatchObject({ code: 0 });
  const signedIn = await signIn(server, again);
  expect(await isSignedIn(server, signedIn)).toBe(true);
  await until(() => countMails(server, person.email, 'Two-step verification method removed') === 1);
  const rows = await queryDatabase<{ detail: object; actor_id: null }>(
    server.app.deps.db,
    `select detail, actor_id from audit_events
      where type = 'MFA_DISABLED' and user_id = '${person.userId}'`,
  );
  expect([...rows]).toEqual([
    {
      detail: { by: 'operator', method: 'email', operator: expect.stringMatching(/./) },
      actor_id: null,
    },
  ]);
  // Nobody else's session ended, and a second time there is nothing to take.
  expect((await refresh(server, other.refreshToken)).__typename).toBe('SignedIn');
  expect(await latchkey(server, `factors remove ${person.email}`)).toMatchObject({
    code: 0,
    out: [`${person.email} has no second factor. Nothing was changed.`],
  });
  expect((await latchkey(server, 'factors remove nobody@example.com')).code).toBe(5);
  expect((await latchkey(server, 'factors remove')).code).toBe(2);
});

test('MF-7: factors remove ends the sessions from before', async ({ server }) => {
  const person = await enrollEmail(server, await signIn(server, await signUp(server)));
  const { challengeToken } = await challengeOf(server, person);
  expect((await latchkey(server, `factors remove ${person.email}`)).code).toBe(0);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  const code = person.backupCodes[0] ?? '';
  const late = await verify(server, challengeToken, 'BACKUP_CODE', code);
  expect(late.__typename).toBe('ChallengeExpiredError');
});

test('factors remove mails the current address, even if it changed after the look-up', async ({
  server,
}) => {
  const { deps } = server.app;
  const { email, userId } = await enrollEmail(server, await signIn(server, await signUp(server)));
  const newEmail = `new-${email}`;
  const waits = `select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  const [removal] = await transaction(deps.db, async (tx) => {
    await run(tx, changeEmail({ userId, email: newEmail, now: clock.now() }));
    const running = onAccountOf(deps, email, (tx, locked) => removeFactors(deps, tx, locked));
    await until(async () => (await queryDatabase(deps.db, waits)).length > 0);
    return [running];
  });
  await removal;
  deps.outbox.wake();
  await until(() => countMails(server, newEmail, 'Two-step verification method removed') === 1);
  expect(countMails(server, email, 'Two-step verification method removed')).toBe(0);
});
