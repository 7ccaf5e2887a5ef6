import { expect } from 'vitest';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { register as registerWith } from '../../src/journeys/sign-up/register.ts';
import { verificationMailLimits } from '../../src/rate-limit/limits.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD } from '../support/journeys.ts';
import { countRowsOf, queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

/** EMAIL_VERIFICATION=optional: one round trip writes the account, its mail and its session (ADR-0011). */

const test = testWithServer({ env: { EMAIL_VERIFICATION: 'optional' } });

const clientAt = (ipAddress: string) => ({ ipAddress, userAgent: null, requestId: 'test' });

async function register(
  server: TestServer,
  email: string,
  ipAddress = '192.0.2.1',
): Promise<string> {
  const { deps } = server.app;
  const asked = { email, password: PASSWORD, name: null, registrationToken: null };
  const signal = AbortSignal.timeout(10_000);
  return await registerWith(deps, asked, clientAt(ipAddress), signal).then(
    ({ kind }) => kind,
    (error: Error) => error.name,
  );
}

/** What the database contains about an address's person. */
async function written(server: TestServer, email: string) {
  const { db } = server.app.deps;
  const rows = await queryDatabase(
    db,
    `
    select
      (select count(*)::int from sessions where user_id = u.id) as sessions,
      (select string_agg(type, ' ' order by type) from audit_events where user_id = u.id) as acts,
      (select count(*)::int from one_time_tokens t where t.email = u.email and code_holder = u.id) as proofs,
      (select count(*)::int from mail_outbox where recipient = u.email and queue <> 'decoy') as mails
    from users u where u.email = '${email}'`,
  );
  return [...rows];
}

test('DR-4 of many concurrent registrations of one address, one succeeds, and the others leave nothing', async ({
  server,
}) => {
  const email = 'raced@example.com';
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, index) => register(server, email, `198.51.100.${index}`)),
  );
  expect(outcomes.sort()).toEqual([...Array(7).fill('EmailTakenError'), 'SignedIn']);
  const acts = 'ACCOUNT_CREATED EMAIL_VERIFICATION_SENT SIGNED_IN';
  expect(await written(server, email)).toEqual([{ sessions: 1, acts, proofs: 1, mails: 1 }]);
  const { db } = server.app.deps;
  const strays = await queryDatabase(
    db,
    `
    select from audit_events where type = 'ACCOUNT_CREATED' and user_id not in (select id from users)`,
  );
  expect([...strays]).toEqual([]);
});

test('RL-9 an address that may not be sent another mail gets its account, and no mail', async ({
  server,
}) => {
  const email = 'full@example.com';
  const { rateLimiter, config } = server.app.deps;
  const mail = { email, byOwner: false, decoy: false };
  for (const source of ['203.0.113.1', '203.0.113.3', '203.0.113.4', '203.0.113.5']) {
    const client = clientAt(source);
    const limits = verificationMailLimits(config, client, mail);
    while ((await rateLimiter.count(limits, client)).allowed);
  }
  expect(await register(server, email, '203.0.113.2')).toBe('SignedIn');
  const acts = 'ACCOUNT_CREATED SIGNED_IN';
  expect(await written(server, email)).toEqual([{ sessions: 1, acts, proofs: 1, mails: 0 }]);
});

test('RL-9 registrations of a taken address do not count toward the mails of its owner', async ({
  server,
}) => {
  const email = 'owned@example.com';
  expect(await register(server, email, '203.0.113.3')).toBe('SignedIn');
  const outcomes = [];
  for (let turn = 0; turn < 9; turn += 1)
    outcomes.push(await register(server, email, '203.0.113.4'));
  expect(outcomes).toEqual(Array(9).fill('EmailTakenError'));
  const { rateLimiter, config } = server.app.deps;
  const mail = verificationMailLimits(config, clientAt('203.0.113.5'), {
    ...{ email, byOwner: false, decoy: false },
  });
  expect((await rateLimiter.count(mail, clientAt('203.0.113.5'))).allowed).toBe(true);
});

test('GQ-14 a client that disconnects while it waits for the hash queue is not counted', async ({
  server,
}) => {
  const { deps } = server.app;
  const { db } = deps;
  const counted = () => countRowsOf(db, rateLimitCounters);
  const before = await counted();
  const client = new AbortController();
  const asked = {
    email: 'gone@example.com',
    password: PASSWORD,
    name: null,
    registrationToken: null,
  };
  const registering = registerWith(deps, asked, clientAt('203.0.113.9'), client.signal);
  const gone = new Error('gone');
  client.abort(gone);
  await expect(registering).rejects.toBe(gone);
  expect(await counted()).toBe(before);
  expect(await written(server, 'gone@example.com')).toEqual([]);
});
