/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query AuthSettings {\n    authSettings {\n      passwordMinLength\n      mfaMethods\n      oauthProviders { id name }\n    }\n  }\n": typeof types.AuthSettingsDocument,
    "\n  fragment Refusal on Error {\n    __typename\n    message\n    ... on InvalidInputError { issues { path message } }\n    ... on InvalidCodeError { attemptsRemaining }\n    ... on RateLimitedError { retryAfterSeconds }\n    ... on ServerBusyError { retryAfterSeconds }\n    ... on StepUpRequiredError { proofs: methods }\n    ... on WeakPasswordError { reasons }\n  }\n": typeof types.RefusalFragmentDoc,
    "\n  fragment Tokens on SignedIn {\n    __typename\n    accessToken\n    accessTokenExpiresAt\n    refreshToken\n    refreshTokenExpiresAt\n    deviceToken\n  }\n": typeof types.TokensFragmentDoc,
    "\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    methods\n  }\n": typeof types.ChallengeFragmentDoc,
    "\n  query Me {\n    viewer { user { id email name } }\n  }\n": typeof types.MeDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": typeof types.VerifyMfaDocument,
    "\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n": typeof types.SendMfaEmailCodeDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n": typeof types.LoginDocument,
    "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Refusal\n    }\n  }\n": typeof types.VerifyEmailDocument,
    "\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n": typeof types.StartOAuthDocument,
    "\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n": typeof types.ResendEmailVerificationDocument,
    "\n  query MyProviders {\n    viewer { identities { id provider { id name } } }\n  }\n": typeof types.MyProvidersDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": typeof types.ReauthenticateDocument,
    "\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n": typeof types.SendReauthenticationCodeDocument,
};
const documents: Documents = {
    "\n  query AuthSettings {\n    authSettings {\n      passwordMinLength\n      mfaMethods\n      oauthProviders { id name }\n    }\n  }\n": types.AuthSettingsDocument,
    "\n  fragment Refusal on Error {\n    __typename\n    message\n    ... on InvalidInputError { issues { path message } }\n    ... on InvalidCodeError { attemptsRemaining }\n    ... on RateLimitedError { retryAfterSeconds }\n    ... on ServerBusyError { retryAfterSeconds }\n    ... on StepUpRequiredError { proofs: methods }\n    ... on WeakPasswordError { reasons }\n  }\n": types.RefusalFragmentDoc,
    "\n  fragment Tokens on SignedIn {\n    __typename\n    accessToken\n    accessTokenExpiresAt\n    refreshToken\n    refreshTokenExpiresAt\n    deviceToken\n  }\n": types.TokensFragmentDoc,
    "\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    methods\n  }\n": types.ChallengeFragmentDoc,
    "\n  query Me {\n    viewer { user { id email name } }\n  }\n": types.MeDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n": types.RegisterDocument,
    "\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": types.VerifyMfaDocument,
    "\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n": types.SendMfaEmailCodeDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n": types.LoginDocument,
    "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Refusal\n    }\n  }\n": types.VerifyEmailDocument,
    "\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n": types.StartOAuthDocument,
    "\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n": types.ResendEmailVerificationDocument,
    "\n  query MyProviders {\n    viewer { identities { id provider { id name } } }\n  }\n": types.MyProvidersDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": types.ReauthenticateDocument,
    "\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n": types.SendReauthenticationCodeDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuthSettings {\n    authSettings {\n      passwordMinLength\n      mfaMethods\n      oauthProviders { id name }\n    }\n  }\n"): (typeof documents)["\n  query AuthSettings {\n    authSettings {\n      passwordMinLength\n      mfaMethods\n      oauthProviders { id name }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Refusal on Error {\n    __typename\n    message\n    ... on InvalidInputError { issues { path message } }\n    ... on InvalidCodeError { attemptsRemaining }\n    ... on RateLimitedError { retryAfterSeconds }\n    ... on ServerBusyError { retryAfterSeconds }\n    ... on StepUpRequiredError { proofs: methods }\n    ... on WeakPasswordError { reasons }\n  }\n"): (typeof documents)["\n  fragment Refusal on Error {\n    __typename\n    message\n    ... on InvalidInputError { issues { path message } }\n    ... on InvalidCodeError { attemptsRemaining }\n    ... on RateLimitedError { retryAfterSeconds }\n    ... on ServerBusyError { retryAfterSeconds }\n    ... on StepUpRequiredError { proofs: methods }\n    ... on WeakPasswordError { reasons }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Tokens on SignedIn {\n    __typename\n    accessToken\n    accessTokenExpiresAt\n    refreshToken\n    refreshTokenExpiresAt\n    deviceToken\n  }\n"): (typeof documents)["\n  fragment Tokens on SignedIn {\n    __typename\n    accessToken\n    accessTokenExpiresAt\n    refreshToken\n    refreshTokenExpiresAt\n    deviceToken\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    methods\n  }\n"): (typeof documents)["\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    methods\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Me {\n    viewer { user { id email name } }\n  }\n"): (typeof documents)["\n  query Me {\n    viewer { user { id email name } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on EmailVerificationRequired { email }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MyProviders {\n    viewer { identities { id provider { id name } } }\n  }\n"): (typeof documents)["\n  query MyProviders {\n    viewer { identities { id provider { id name } } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email }\n      ...Refusal\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;