import type { Answer } from '../lib/answer.ts';
import { type Caller, request, WrongAnswer } from '../lib/load.ts';
import { addressOf, emailOf, PASSWORD } from '../lib/seed.ts';

/** The tokens of a signed-in caller. */
export type Tokens = { readonly accessToken: string; readonly refreshToken: string };

const VIEWER = '{ viewer { user { id email } session { id } } }';
const TOKENS = '__typename ... on SignedIn { accessToken refreshToken }';
const REFRESH = `mutation ($input: RefreshTokenInput) { refreshToken(input: $input) { ${TOKENS} } }`;
const LATER = ['ServerBusyError', 'RateLimitedError'].map(
  (error) => `... on ${error} { retryAfterSeconds }`,
);
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { ${TOKENS} ${LATER.join(' ')} } }`;

/** Asks for viewer repeatedly. */
export function viewerCaller(accessToken: string): Caller {
  const bytes = viewerRequest(accessToken);
  return {
    next: () => bytes,
    read(answer) {
      if (!answer.body.startsWith('{"data":{"viewer":{"user":{"id":"'))
        throw new WrongAnswer('viewer', answer);
    },
  };
}

function viewerRequest(accessToken: string): Buffer {
  return graphql(VIEWER, {}, { authorization: `Bearer ${accessToken}` });
}

/** Exchanges each refresh token for the next. The chain breaks at the first wrong response. */
export function refreshCaller(refreshToken: string): Caller {
  let current = refreshToken;
  return {
    next: () => graphql(REFRESH, { input: { refreshToken: current } }),
    read(answer) {
      const tokens = tokensOf('refreshToken', answer);
      if (tokens.refreshToken === current) throw new WrongAnswer('a new token', answer);
      current = tokens.refreshToken;
    },
  };
}

/** Signs people in, one after the other: every `step`-th person, beginning with the nth. */
export function signInCaller(first: number, every: number, people: number): Caller {
  let turn = 0;
  return {
    next() {
      const person = ((first + turn * every) % people) + 1;
      turn += 1;
      return loginRequest(person);
    },
    read: (answer) => void tokensOf('login', answer),
  };
}

export function loginRequest(
  person: number,
  { address = addressOf(person), password = PASSWORD } = {},
): Buffer {
  const input = { email: emailOf(person), password };
  return graphql(LOGIN, { input }, { 'x-forwarded-for': address });
}

/** @throws WrongAnswer unless the response is a completed sign-in */
export function tokensOf(field: string, answer: Answer): Tokens {
  const result = answer.status === 200 ? JSON.parse(answer.body).data?.[field] : undefined;
  if (result?.__typename !== 'SignedIn') throw new WrongAnswer(field, answer);
  return result;
}

export function graphql(
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  return request('/graphql', { json: { query, variables }, headers });
}
