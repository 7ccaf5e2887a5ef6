import { sql } from 'drizzle-orm';
import { REQUEST_RESET } from '../journeys/account-care.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';
import { type Comparison, compareDurations, slowedDown, type Trial } from '../support/timing.ts';

/** Pairs of requests whose durations must not distinguish a known address from an unknown one (LG-2, LG-5). */
export async function timingTrials(server: TestServer, pairs: number) {
  const known = (await signUp(server, { email: 'timing-known@example.com' })).email;
  const unknown = 'timing-other@example.com';
  const login =
    (email: string): Trial =>
    () =>
      server.graphql(LOGIN, { input: { email, password: 'a guess of a stranger' } });
  const reset =
    (email: string): Trial =>
    () =>
      server.graphql(REQUEST_RESET, { input: { email } });
  const compare = (one: Trial, other: Trial): (() => Promise<Comparison>) => {
    return () => compareDurations({ one, other }, { pairs });
  };
  return {
    login: compare(login(known), login(unknown)),
    requestPasswordReset: compare(reset(known), reset(unknown)),
    'login, control with +1 ms': compare(login(known), slowedDown(login(unknown), 1)),
    'requestPasswordReset, control with +1 ms': compare(
      reset(known),
      slowedDown(reset(unknown), 1),
    ),
  } as const;
}

/** Failed sign-ins an account takes before its limit answers instead. */
const TRIES_AN_ACCOUNT = 8;

/**
 * A refused sign-in at accounts with so many audit events, against one at addresses without an account
 * (LG-2). Every attempt has a source of its own, and no account more attempts than its limit allows.
 */
export async function loginWithHistory(
  server: TestServer,
  { events, pairs }: { readonly events: number; readonly pairs: number },
): Promise<() => Promise<Comparison>> {
  const accounts = Math.ceil((pairs * 3 + 60) / TRIES_AN_ACCOUNT);
  const model = await signUp(server);
  const { db } = server.app.deps;
  for (let account = 0; account < accounts; account += 1)
    await queryDatabase(
      db,
      sql`
      with person as (
        insert into users (id, email, password_hash, email_verified_at, created_at, updated_at)
        select gen_random_uuid(), ${`history-${events}-${account}@example.com`}, password_hash,
          email_verified_at, created_at, updated_at
        from users where id = ${model.userId}
        returning id
      )
      insert into audit_events (id, type, at, user_id, ip_address, user_agent, detail)
      select gen_random_uuid(), case e % 2 when 0 then 'SIGNED_IN' else 'SIGN_IN_FAILED' end, now(),
        id, '10.0.0.' || e % 250, 'agent ' || e, '{}'
      from person, generate_series(1, ${events}::int) e`,
    );
  await queryDatabase(db, sql`analyze`);
  let next = 0;
  const login =
    (emailOf: (turn: number) => string): Trial =>
    () => {
      next += 1;
      const address = `10.${(next >> 16) & 255}.${(next >> 8) & 255}.${next & 255}`;
      const input = { email: emailOf(next), password: 'a guess of a stranger' };
      return server.graphql(LOGIN, { input }, { address });
    };
  const known = login((turn) => `history-${events}-${turn % accounts}@example.com`);
  const unknown = login((turn) => `nobody-${events}-${turn % accounts}@example.com`);
  return () => compareDurations({ one: known, other: unknown }, { pairs });
}
