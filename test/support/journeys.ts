import { documentOf } from './documents.ts';
import type { TestServer } from './server.ts';

/** What a signed-in test person holds. */
export type Person = {
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
  readonly sessionId: string;
};

export const PASSWORD = 'correct horse battery staple';

const SIGNED_IN = `
  __typename
  ... on SignedIn {
    accessToken
    refreshToken
    viewer { user { id } session { id } }
  }
  ... on Error { message }
  ... on RateLimitedError { retryAfterSeconds }
`;

const VERIFICATION_REQUIRED = `... on EmailVerificationRequired {
  email expiresAt registrationToken resendableAt
}`;

export const REGISTER = documentOf(
  'register',
  `mutation ($input: RegisterInput!) {
  register(input: $input) { ${SIGNED_IN} ${VERIFICATION_REQUIRED} }
}`,
);

export const VERIFY_EMAIL = documentOf(
  'verifyEmail',
  `mutation ($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    ${SIGNED_IN} ... on PasswordNeeded { email } ... on WeakPasswordError { reasons }
  }
}`,
);

export const LOGIN = documentOf(
  'login',
  `mutation ($input: LoginInput!) {
  login(input: $input) { ${SIGNED_IN} ${VERIFICATION_REQUIRED} }
}`,
);

export const REFRESH = documentOf(
  'refreshToken',
  `mutation ($input: RefreshTokenInput) {
  refreshToken(input: $input) { ${SIGNED_IN} }
}`,
);

let people = 0;

/** Registers, reads the mail and verifies: a person with one session. */
export async function signUp(
  server: TestServer,
  wanted: { email?: string; password?: string } = {},
): Promise<Person> {
  people += 1;
  const email = wanted.email ?? `person-${people}@example.com`;
  const password = wanted.password ?? PASSWORD;
  const before = server.mails.filter((mail) => mail.to === email).length;
  const registered = await server.graphql(REGISTER, { input: { email, password } });
  const { accessToken, registrationToken } = registered.data.register;
  const { code } = await server.mailTo(email, before + 1);
  const proof = { code: { email, code } };
  const { data } = await server.graphql(
    VERIFY_EMAIL,
    { input: { proof, registrationToken } },
    { token: accessToken },
  );
  return personOf(data.verifyEmail, email, password);
}

/** Signs in with the password: one more session. */
export async function signIn(
  server: TestServer,
  person: { email: string; password: string },
): Promise<Person> {
  const { email, password } = person;
  const { data } = await server.graphql(LOGIN, { input: { email, password } });
  return personOf(data.login, email, password);
}

export async function refresh(server: TestServer, refreshToken: string) {
  const { data } = await server.graphql(REFRESH, { input: { refreshToken } });
  return data.refreshToken;
}

function personOf(
  signedIn: {
    __typename: string;
    accessToken: string;
    refreshToken: string;
    viewer: { user: { id: string }; session: { id: string } };
  },
  email: string,
  password: string,
): Person {
  if (signedIn.__typename !== 'SignedIn')
    throw new Error(`Expected SignedIn, got ${signedIn.__typename}.`);
  return {
    email,
    password,
    accessToken: signedIn.accessToken,
    refreshToken: signedIn.refreshToken,
    userId: signedIn.viewer.user.id,
    sessionId: signedIn.viewer.session.id,
  };
}
