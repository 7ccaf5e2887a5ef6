import { REQUEST_RESET } from '../journeys/account-care.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import { type Comparison, compareDurations, slowedDown, type Trial } from '../support/timing.ts';

/** Pairs of requests whose durations must not tell a known address from an unknown one (LG-2, LG-5). */
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
