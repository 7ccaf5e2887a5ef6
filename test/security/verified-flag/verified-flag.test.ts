import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { signUp } from '../../support/journeys.ts';
import { startServerWith } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { enrollTotp, totpCode } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { type Cell, NO_PROOFS, PROOFS } from './acts.ts';

/**
 * PR-9: an address counts as proven from the moment a proof of it succeeds, whatever is required next,
 * and from no other moment.
 */

const POLICIES = ['required', 'optional'] as const;
const FACTORS = ['no second factor', 'a second factor', 'a required second factor'] as const;
type Factor = (typeof FACTORS)[number];

const clock = createFakeClock();
let provider: ForgingProvider;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
});
afterAll(() => provider.close());

describe.each(POLICIES)('PR-9, EMAIL_VERIFICATION=%s', (policy) => {
  const servers: Partial<Record<Factor, TestServer>> = {};
  beforeAll(async () => {
    const providers = [provider.setting()];
    const start = (MFA_REQUIRED: string) =>
      startServerWith(providers, {
        clock,
        env: { EMAIL_VERIFICATION: policy, MFA_REQUIRED, EMAIL_SIGN_IN: 'register' },
      });
    const open = await start('false');
    servers['no second factor'] = open;
    servers['a second factor'] = open;
    servers['a required second factor'] = await start('true');
  });
  afterAll(async () => {
    for (const server of new Set(Object.values(servers))) await server.close();
  });

  let people = 0;
  /** An account whose address counts as never proven, and its session. */
  async function arrange(factor: Factor, isRequired: boolean): Promise<Cell> {
    const server = servers[factor];
    if (!server) throw new Error('No such server.');
    await queryDatabase(server.app.deps.db, sql`delete from rate_limit_counters`);
    people += 1;
    const email = `${policy}-${people}@example.com`;
    const person = await signUp(server, { email });
    const enrolls = factor === 'a second factor' || isRequired;
    const secret = enrolls ? (await enrollTotp(server, person)).secret : null;
    clock.advance(30_000);
    await queryDatabase(
      server.app.deps.db,
      sql`update users set email_verified_at = null where email = ${email}`,
    );
    const code = () => (secret === null ? '' : totpCode(secret, clock.now()));
    return { server, provider, person: { ...person, code }, fresh: `fresh-${email}` };
  }

  /** Null for an address without an account. */
  async function isVerified({ app }: TestServer, email: string) {
    const [row] = await queryDatabase<{ verified: boolean }>(
      app.deps.db,
      sql`select email_verified_at is not null as verified from users where email = ${email}`,
    );
    return row?.verified ?? null;
  }

  const cells = Object.entries({ ...PROOFS, ...NO_PROOFS }).flatMap(([name, act]) =>
    FACTORS.map((factor) => ({ name, act, factor })),
  );
  test.each(cells)('$name, $factor', async ({ act, factor, name }) => {
    // A person who is required to have a factor and has none may only enroll one.
    const isSignedInAct = /change|linked|after next/.test(name);
    const isRequired = factor === 'a required second factor' && isSignedInAct;
    const cell = await arrange(factor, isRequired);
    const email = act.of === 'person' ? cell.person.email : cell.fresh;
    const before = await isVerified(cell.server, email);
    expect(before).toBe(act.of === 'person' ? false : null);
    const answer = await act.run(cell);
    expect(answer).toMatch(act.answers);
    if (act.interrupted && factor === 'a second factor') expect(answer).toBe(act.interrupted);
    const after = await isVerified(cell.server, email);
    if (act.proves) expect(after).toBe(true);
    else expect(after ?? false).toBe(false);
  });
});
