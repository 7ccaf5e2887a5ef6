import { and, eq, isNull } from 'drizzle-orm';
import { expect } from 'vitest';
import { sessions } from '../../../src/db/tables/session.ts';
import { users } from '../../../src/db/tables/user.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signUp } from '../../support/journeys.ts';
import { countRowsOf } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';
import { trialsOr } from '../../support/trials.ts';
import { codeOf, completeSignIn, linkOf, type RequestedSignIn, requestSignIn } from './acts.ts';

const TRIALS = trialsOr(10);
const RACERS = 20;
const LONG = 60_000 + TRIALS * 5_000;

const clock = createFakeClock();
const test = testWithServer({
  clock,
  env: { DATABASE_POOL_SIZE: '40', EMAIL_SIGN_IN: 'register' },
});

/** Each from elsewhere: the limits of a source are not the subject. */
const from = (trial: number, racer: number) => ({
  address: `10.${40 + (trial >> 8)}.${trial & 255}.${racer}`,
});

/** Half of the racers present the link and half the code of one mail, all at once. */
async function race(server: TestServer, mail: RequestedSignIn, trial: number) {
  const racers = Array.from({ length: RACERS }, (_, racer) =>
    completeSignIn(server, racer % 2 === 0 ? linkOf(mail) : codeOf(mail), from(trial, racer)),
  );
  const outcomes: Record<string, number> = {};
  for (const { __typename } of await Promise.all(racers)) {
    outcomes[__typename] = (outcomes[__typename] ?? 0) + 1;
  }
  return outcomes;
}

const ONE_WINNER = { SignedIn: 1, InvalidTokenError: RACERS - 1 };

test(
  'EL-1, EO-5: twenty racers with the link and the code of one mail begin one session',
  async ({ server }) => {
    const { db } = server.app.deps;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const person = await signUp(server);
      const mail = await requestSignIn(server, person.email, from(trial, 100));
      expect(await race(server, mail, trial)).toEqual(ONE_WINNER);
      const live = and(eq(sessions.userId, person.userId), isNull(sessions.revokedAt));
      // The one of signing up is the other.
      expect(await countRowsOf(db, sessions, live)).toBe(2);
    }
    process.stdout.write(`EL-1: ${TRIALS} × ${RACERS} racers, one session each\n`);
  },
  LONG,
);

test(
  'DR-4: twenty racers with the link and the code of one mail make one account of a new address',
  async ({ server }) => {
    const { db } = server.app.deps;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const email = `race-${trial}@example.com`;
      const mail = await requestSignIn(server, email, from(trial, 101));
      expect(await race(server, mail, trial)).toEqual(ONE_WINNER);
      expect(await countRowsOf(db, users, eq(users.email, email))).toBe(1);
    }
  },
  LONG,
);

test(
  'DR-4: two mails of a new address, used at once, both sign in to one account',
  async ({ server }) => {
    const { db } = server.app.deps;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const email = `pair-${trial}@example.com`;
      const mails = [
        await requestSignIn(server, email, from(trial, 102)),
        await requestSignIn(server, email, from(trial, 103)),
      ];
      const answers = await Promise.all(
        mails.map((mail, racer) => completeSignIn(server, linkOf(mail), from(trial, racer))),
      );
      expect(answers.map(({ __typename }) => __typename)).toEqual(['SignedIn', 'SignedIn']);
      expect(await countRowsOf(db, users, eq(users.email, email))).toBe(1);
    }
  },
  LONG,
);
