import { and, eq, isNull } from 'drizzle-orm';
import { build } from '../../src/db/statement.ts';
import { sessions } from '../../src/db/tables/session.ts';
import { users } from '../../src/db/tables/user.ts';
import { askForReset, isSignedIn, RESET, typeOf } from '../journeys/account-care.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const strong = (trial: number) => `herons walk quietly ${trial}`;

/** What became of the trials of one race. */
export type RaceResult = {
  readonly trials: number;
  /** Trials that broke the rule. */
  readonly broken: number;
  /** How the racers fared, over all trials. */
  readonly outcomes: Readonly<Record<string, number>>;
};

/**
 * SE-2: sign-ins with the old password race the reset. Broken when any session started with it is
 * live once all answers are there.
 */
export async function raceOldPassword(server: TestServer, trials: number): Promise<RaceResult> {
  const outcomes: Record<string, number> = {};
  let broken = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    // Somebody else each time: an address is sent three resets in a quarter of an hour (RL-9).
    const person = await signUp(server, { password: strong(trial) });
    const { email } = person;
    const from = { address: `10.1.${trial >> 8}.${trial & 255}` };
    const { token } = await askForReset(server, email);
    const reset = { input: { proof: { token }, newPassword: strong(trial + 1) } };
    const login = { input: { email, password: strong(trial) } };
    const signIns = Array.from({ length: 4 }, () => () => server.graphql(LOGIN, login, from));
    const racers = shuffled([...signIns, () => server.graphql(RESET, reset, from)]);
    const answers = await Promise.all(racers.map((start) => start()));
    if (!answers.some((answer) => typeOf(answer) === 'PasswordChanged')) {
      throw new Error('The reset itself was refused.');
    }
    let survivors = await countLive(server, person.userId);
    for (const answer of answers) {
      count(outcomes, typeOf(answer));
      const signedIn = 'login' in answer.data ? answer.data.login : null;
      if (signedIn?.accessToken && (await isSignedIn(server, signedIn))) survivors += 1;
    }
    if (survivors > 0) broken += 1;
  }
  return { trials, broken, outcomes };
}

/** PR-1: racers with one reset's token. Broken unless exactly one of them sets its password. */
export async function raceResetToken(
  server: TestServer,
  trials: number,
  racers: number,
): Promise<RaceResult> {
  const outcomes: Record<string, number> = {};
  let broken = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const { email } = await signUp(server);
    const { token } = await askForReset(server, email);
    const answers = await Promise.all(
      Array.from({ length: racers }, (_, racer) => {
        const newPassword = `${strong(trial)} and ${racer}`;
        // Each from elsewhere: a source may fail thirty times, and all but one here fail.
        const address = `10.2.${trial & 255}.${racer}`;
        return server.graphql(RESET, { input: { proof: { token }, newPassword } }, { address });
      }),
    );
    const types = answers.map(typeOf);
    for (const type of types) count(outcomes, type);
    if (types.filter((type) => type === 'PasswordChanged').length !== 1) broken += 1;
  }
  return { trials, broken, outcomes };
}

async function countLive(server: TestServer, userId: string): Promise<number> {
  const live = await queryDatabase(
    server.app.deps.db,
    build
      .select({ id: sessions.id })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(
        and(
          eq(sessions.userId, userId),
          isNull(sessions.revokedAt),
          eq(sessions.credentialVersion, users.credentialVersion),
        ),
      ),
  );
  return live.length;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function count(outcomes: Record<string, number>, type: string): void {
  outcomes[type] = (outcomes[type] ?? 0) + 1;
}
