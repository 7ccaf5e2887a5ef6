import { graphql } from '../generated';

/** The fields of every error. Every mutation requests them. */
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

/** The fields that `session.signIn` needs. */
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

/** What this browser stores until the address is verified. */
export const WaitingFragment = graphql(`
  fragment Waiting on EmailVerificationRequired {
    __typename
    email
    expiresAt
    registrationToken
    resendableAt
  }
`);

/** One change to the ways of signing in. */
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
