import { graphql } from '../generated';

/** What a refusal of any kind tells. Every mutation asks for it. */
export const RefusalFragment = graphql(`
  fragment Refusal on Error {
    __typename
    message
    ... on InvalidInputError { issues { path message } }
    ... on InvalidCodeError { attemptsRemaining }
    ... on RateLimitedError { retryAfterSeconds }
    ... on ServerBusyError { retryAfterSeconds }
    ... on StepUpRequiredError { proofs: methods }
    ... on WeakPasswordError { reasons }
  }
`);

/** What `session.signIn` takes. */
export const TokensFragment = graphql(`
  fragment Tokens on SignedIn {
    __typename
    accessToken
    accessTokenExpiresAt
    refreshToken
    refreshTokenExpiresAt
    deviceToken
  }
`);

/** What the browser that asked keeps until the address is proven. */
export const WaitingFragment = graphql(`
  fragment Waiting on EmailVerificationRequired {
    __typename
    email
    expiresAt
    registrationToken
    resendableAt
  }
`);

/** One change of what lets somebody sign in. */
export const ChangeFragment = graphql(`
  fragment Change on SecurityChange {
    type
    at
    detail
  }
`);

/** What the second step of a sign-in needs. */
export const ChallengeFragment = graphql(`
  fragment Challenge on MfaRequired {
    __typename
    challengeToken
    expiresAt
    methods
  }
`);
