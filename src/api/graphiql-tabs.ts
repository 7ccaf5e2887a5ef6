/** GraphiQL's first tabs, in the order of a first session. */
export const STARTER_TABS: { query: string; variables?: string; headers?: string }[] = [
  tab(
    '1. Ask for an account. The mail with the code is at /dev/mailbox.',
    `mutation Register($input: RegisterInput!) {
  register(input: $input) {
    __typename
    ... on EmailVerificationRequired { email expiresAt }
    ... on WeakPasswordError { message reasons }
    ... on InvalidInputError { issues { path message } }
    ... on Error { message }
  }
}`,
    { input: { email: 'ada@example.com', password: 'correct horse battery staple', name: 'Ada' } },
  ),
  tab(
    '2. Prove the address with the 8 digits of the mail. This signs in.',
    `mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    __typename
    ... on SignedIn { accessToken accessTokenExpiresAt refreshToken viewer { user { id email } } }
    ... on Error { message }
  }
}`,
    { input: { proof: { code: { email: 'ada@example.com', code: '' } } } },
  ),
  tab(
    '3. Who is signed in? Put the accessToken into the Headers tab below.',
    `query Viewer {
  viewer {
    user { id email emailVerified name }
    session { id authenticatedAt methods expiresAt }
    sessions { edges { node { id current lastUsedAt userAgent } } }
  }
}`,
    undefined,
    { authorization: 'Bearer ' },
  ),
  tab(
    '4. Stay signed in: the refresh token works once and yields the next one.',
    `mutation Refresh($input: RefreshTokenInput) {
  refreshToken(input: $input) {
    __typename
    ... on SignedIn { accessToken refreshToken refreshTokenExpiresAt }
    ... on Error { message }
  }
}`,
    { input: { refreshToken: '' } },
  ),
  tab(
    '5. Sign in again with the password.',
    `mutation Login($input: LoginInput!) {
  login(input: $input) {
    __typename
    ... on SignedIn { accessToken refreshToken viewer { user { email } } }
    ... on EmailVerificationRequired { email expiresAt }
    ... on Error { message }
  }
}`,
    { input: { email: 'ada@example.com', password: 'correct horse battery staple' } },
  ),
  tab(
    '6. Get out. Needs the Authorization header.',
    `mutation Logout {
  logout {
    __typename
    ... on SignedOut { at }
    ... on Error { message }
  }
}`,
    undefined,
    { authorization: 'Bearer ' },
  ),
];

function tab(comment: string, query: string, variables?: object, headers?: object) {
  return {
    query: `# ${comment}\n${query}\n`,
    ...(variables && { variables: JSON.stringify(variables, null, 2) }),
    ...(headers && { headers: JSON.stringify(headers, null, 2) }),
  };
}
