import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, emailOf, PASSWORD } from '../lib/seed.ts';
import type { Stream, Traffic } from './traffic.ts';

/** Someone signed in. */
type Seat = { accessToken: string; refreshToken: string; busy: boolean };

/** The newest code mailed to an address since a moment. Waits for it. */
export type CodeFor = (address: string) => Promise<string>;

export type People = {
  /** Signs in the first `count` people, and refreshes until every bounded cache is full. */
  settle(options: { readonly seats: number; readonly tokens: number }): Promise<void>;
  readonly streams: readonly Stream[];
};

const TOKENS = '__typename ... on SignedIn { accessToken refreshToken }';
const VIEWER = '{ viewer { user { id email } session { id } } }';
const REFRESH = `mutation ($input: RefreshTokenInput) { result: refreshToken(input: $input) { ${TOKENS} } }`;
const LOGIN = `mutation ($input: LoginInput!) { result: login(input: $input) { ${TOKENS} } }`;
const VERIFY = `mutation ($input: VerifyEmailInput!) { result: verifyEmail(input: $input) { ${TOKENS} } }`;
const only = (field: string, input: string) =>
  `mutation ($input: ${input}!) { result: ${field}(input: $input) { __typename } }`;
const REGISTER =
  'mutation ($input: RegisterInput!) { result: register(input: $input) { __typename ... on EmailVerificationRequired { registrationToken } } }';
const ASK_RESET = only('requestPasswordReset', 'RequestPasswordResetInput');
const RESET = only('resetPassword', 'ResetPasswordInput');
const LOGOUT = 'mutation { result: logout { __typename } }';
const DELETE = 'mutation { result: deleteAccount { __typename } }';

/**
 * The normal load of docs/requirements.md, section 3 (20 refreshes, 20 viewers and 5 sign-ins a second),
 * and churn beside it: each sign-in replaces somebody who signs out, people register, verify and
 * delete themselves, others reset their password.
 */
export function createPeople(
  url: string,
  options: { readonly people: number; readonly traffic: Traffic; readonly codeFor: CodeFor },
): People {
  const { people, traffic, codeFor } = options;
  const seats: Seat[] = [];
  // The last fifth have no seats: a reset ends every session of its person.
  const signingIn = Math.floor(people * 0.8);
  const [nextToSignIn, nextToReset] = [turns(1, signingIn), turns(signingIn + 1, people)];
  let registered = 0;

  const call = async (
    operation: string,
    wanted: string,
    request: { query: string; input?: object; token?: string; address?: string },
  ) => {
    const { query, input, token, address } = request;
    const body = await traffic.timed(operation, () =>
      withRetries(async () => {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(token && { authorization: `Bearer ${token}` }),
            ...(address && { 'x-forwarded-for': address }),
          },
          body: JSON.stringify({ query, variables: { input } }),
        });
        return { status: response.status, body: await response.text() };
      }),
    );
    const result = JSON.parse(body).data?.result;
    if (wanted && result?.__typename !== wanted) {
      throw new Error(`${operation}: wanted ${wanted}, got ${body.slice(0, 300)}`);
    }
    return { result, body };
  };

  const signIn = async () => {
    const person = nextToSignIn();
    const input = { email: emailOf(person), password: PASSWORD };
    const address = addressOf(person);
    const { result } = await call('sign-in', 'SignedIn', { query: LOGIN, input, address });
    return { ...result, busy: false } as Seat;
  };

  const refresh = async (seat: Seat) => {
    seat.busy = true;
    try {
      const input = { refreshToken: seat.refreshToken };
      const { result } = await call('refresh', 'SignedIn', { query: REFRESH, input });
      Object.assign(seat, result);
    } finally {
      seat.busy = false;
    }
  };

  const viewer = async (seat: Seat) => {
    const { body } = await call('viewer', '', { query: VIEWER, token: seat.accessToken });
    if (!body.includes('@bench.example')) throw new Error(`viewer: ${body.slice(0, 300)}`);
  };

  /** A seat that nobody is refreshing or signing out of. */
  const pick = () => {
    const free = seats.filter(({ busy }) => !busy);
    const seat = free[Math.floor(Math.random() * free.length)];
    if (!seat) throw new Error('Nobody is left.');
    return seat;
  };

  const replace = async () => {
    const leaving = pick();
    leaving.busy = true;
    try {
      const token = leaving.accessToken;
      const coming = await signIn();
      await call('sign-out', 'SignedOut', { query: LOGOUT, token });
      Object.assign(leaving, coming);
    } finally {
      leaving.busy = false;
    }
  };

  const come = async () => {
    registered += 1;
    const email = `soak-${registered}@bench.example`;
    const address = addressOf(registered, 11);
    const input = { email, password: PASSWORD };
    const asked = { query: REGISTER, input, address };
    const { registrationToken } = (await call('register', 'EmailVerificationRequired', asked))
      .result;
    const proof = { code: { email, code: await codeFor(email) } };
    const { result } = await call('verify', 'SignedIn', {
      query: VERIFY,
      input: { proof, registrationToken },
      address,
    });
    const token = result.accessToken;
    await call('delete account', 'AccountDeleted', { query: DELETE, token, address });
  };

  const reset = async () => {
    const person = nextToReset();
    const email = emailOf(person);
    const address = addressOf(person, 12);
    await call('ask reset', 'EmailSent', { query: ASK_RESET, input: { email }, address });
    const proof = { code: { email, code: await codeFor(email) } };
    const input = { proof, newPassword: `${PASSWORD} ${performance.now()}` };
    await call('reset', 'PasswordChanged', { query: RESET, input, address });
  };

  return {
    async settle({ seats: wanted, tokens }) {
      while (seats.length < wanted) seats.push(await signIn());
      const share = Math.ceil(tokens / seats.length);
      const fill = async (every: readonly Seat[]) => {
        for (const seat of every) {
          for (let turn = 0; turn < share; turn += 1) {
            await refresh(seat);
            await viewer(seat);
          }
        }
      };
      const streams = Array.from({ length: 8 }, (_, stream) =>
        fill(seats.filter((_seat, index) => index % 8 === stream)),
      );
      await Promise.all(streams);
    },
    streams: [
      { perSecond: 20, once: async () => await refresh(pick()) },
      { perSecond: 20, once: async () => await viewer(pick()) },
      { perSecond: 5, once: replace },
      { perSecond: 0.5, once: come },
      { perSecond: 0.2, once: reset },
    ],
  };
}

/** A client retries 3 times, 200 ms apart, if the server is unavailable (docs/requirements.md, section 3). */
async function withRetries(
  once: () => Promise<{ readonly status: number; readonly body: string }>,
): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const { status, body } = await once();
    const isBusy = status === 503 || body.includes('"ServerBusyError"');
    if (!isBusy || tries === 3) return body;
    await sleep(200);
  }
}

/** The numbers of a range, repeated without end. */
function turns(first: number, last: number): () => number {
  let next = first - 1;
  return () => {
    next = next === last ? first : next + 1;
    return next;
  };
}
