/**
 * GraphiQL's first tabs, in the order of a first session. Arguments are written into the document:
 * GraphiQL shows the variables of a default tab only once the tab was left.
 */
export const STARTER_TABS: { query: string; headers?: string }[] = [
  tab(`# 1. Ask for an account. The mail with the code is then at /dev/mailbox. Keep the registrationToken.
mutation Register {
  register(
    input: { email: "ada@example.com", password: "correct horse battery staple", name: "Ada" }
  ) {
    __typename
    ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt }
    ... on InvalidInputError { issues { path message } }
    ... on WeakPasswordError { reasons }
    ... on Error { message }
  }
}`),
  tab(`# 2. Prove the address with the 8 digits of the mail and the registrationToken. This signs in.
mutation VerifyEmail {
  verifyEmail(
    input: {
      proof: { code: { email: "ada@example.com", code: "00000000" } }
      registrationToken: "…"
    }
  ) {
    __typename
    ... on SignedIn {
      accessToken
      refreshToken
      viewer { user { id email } }
    }
    ... on Error { message }
  }
}`),
  tab(
    `# 3. Who is signed in? Put the accessToken behind "Bearer" in the Headers tab below.
query Viewer {
  viewer {
    user { id email emailVerified name }
    session { id methods authenticatedAt expiresAt }
    sessions { edges { node { id current lastUsedAt userAgent } } }
  }
}`,
    { authorization: 'Bearer ' },
  ),
  tab(`# 4. Stay signed in. A refresh token works once and yields the next one.
mutation Refresh {
  refreshToken(input: { refreshToken: "lkr_…" }) {
    __typename
    ... on SignedIn { accessToken refreshToken refreshTokenExpiresAt }
    ... on Error { message }
  }
}`),
  tab(`# 5. Sign in again, with the password.
mutation Login {
  login(input: { email: "ada@example.com", password: "correct horse battery staple" }) {
    __typename
    ... on SignedIn { accessToken refreshToken }
    ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt }
    ... on Error { message }
  }
}`),
  tab(
    `# 6. Get out. Needs the Authorization header.
mutation Logout {
  logout {
    __typename
    ... on SignedOut { at }
    ... on Error { message }
  }
}`,
    { authorization: 'Bearer ' },
  ),
];

function tab(query: string, headers?: Readonly<Record<string, string>>) {
  return { query: `${query}\n`, ...(headers && { headers: JSON.stringify(headers, null, 2) }) };
}
