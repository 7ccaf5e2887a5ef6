import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { PASSWORD, REGISTER, signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** What an example needs of the world to come to its good outcome. */
export type Prepared = {
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Whose request it is. */
  readonly token?: string;
  /** The `__typename` it must come to. */
  readonly outcome: string;
};

/** A server of the example's own, and its clock. */
export type Stage = { readonly server: TestServer; readonly clock: FakeClock };

let addresses = 0;
const newEmail = () => {
  addresses += 1;
  return `example-${addresses}@example.com`;
};

/**
 * How each mutation of docs/api.md gets to its good outcome: one line for each mutation of the
 * schema. What a mail carries is read from the mailbox, as a person would.
 */
export const PREPARATIONS: Readonly<Record<string, (stage: Stage) => Promise<Prepared>>> = {
  register: async () => ({
    variables: { input: { email: newEmail(), password: PASSWORD, name: 'Ada' } },
    outcome: 'EmailVerificationRequired',
  }),
  resendEmailVerification: async () => ({
    variables: { input: { email: newEmail() } },
    outcome: 'EmailSent',
  }),
  verifyEmail: async ({ server }) => {
    const email = newEmail();
    await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
    const { code } = await server.mailTo(email);
    return { variables: { input: { proof: { code: { email, code } } } }, outcome: 'SignedIn' };
  },
  login: async ({ server }) => {
    const { email, password } = await signUp(server);
    return { variables: { input: { email, password } }, outcome: 'SignedIn' };
  },
  refreshToken: async ({ server }) => {
    const { refreshToken } = await signUp(server);
    return { variables: { input: { refreshToken } }, outcome: 'SignedIn' };
  },
  reauthenticate: async ({ server }) => {
    const { accessToken, password } = await signUp(server);
    return { token: accessToken, variables: { input: { password } }, outcome: 'SignedIn' };
  },
  logout: async ({ server }) => {
    const { accessToken } = await signUp(server);
    return { token: accessToken, outcome: 'SignedOut' };
  },
  revokeSession: async ({ server }) => {
    const person = await signUp(server);
    const { sessionId } = await signIn(server, person);
    return {
      token: person.accessToken,
      variables: { input: { sessionId } },
      outcome: 'SessionsRevoked',
    };
  },
  revokeOtherSessions: async ({ server }) => {
    const person = await signUp(server);
    await signIn(server, person);
    return { token: person.accessToken, outcome: 'SessionsRevoked' };
  },
};

export async function createStage(): Promise<Stage> {
  const clock = createFakeClock();
  return { clock, server: await startTestServer({ clock }) };
}
