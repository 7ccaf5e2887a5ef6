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
    "\n  fragment Waiting on EmailVerificationRequired {\n    __typename\n    email\n    expiresAt\n    registrationToken\n    resendableAt\n  }\n": typeof types.WaitingFragmentDoc,
    "\n  fragment Change on SecurityChange {\n    type\n    at\n    detail\n  }\n": typeof types.ChangeFragmentDoc,
    "\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    expiresAt\n    methods\n  }\n": typeof types.ChallengeFragmentDoc,
    "\n  query Identities {\n    viewer {\n      identities { id email linkedAt provider { id name } }\n    }\n  }\n": typeof types.IdentitiesDocument,
    "\n  query MailedToken($token: String!) {\n    mailedToken(token: $token) {\n      kind\n      email\n      requestedAt\n      ipAddress\n      userAgent\n      undoes { ...Change }\n      stays { ...Change }\n    }\n  }\n": typeof types.MailedTokenDocument,
    "\n  query Me {\n    viewer {\n      user { id email emailVerified name }\n      mfa { enabled totp email backupCodesRemaining enrollmentRequired }\n    }\n  }\n": typeof types.MeDocument,
    "\n  query Answering {\n    authSettings { passwordMinLength }\n  }\n": typeof types.AnsweringDocument,
    "\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      __typename\n      ... on ProfileUpdated { viewer { user { id name } } }\n      ...Refusal\n    }\n  }\n": typeof types.UpdateProfileDocument,
    "\n  query SecurityEvents($after: String) {\n    viewer {\n      securityEvents(first: 20, after: $after) {\n        edges { node { id type at ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n": typeof types.SecurityEventsDocument,
    "\n  mutation RequestEmailChange($input: RequestEmailChangeInput!) {\n    requestEmailChange(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt }\n      ...Refusal\n    }\n  }\n": typeof types.RequestEmailChangeDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked }\n      ...Refusal\n    }\n  }\n": typeof types.ChangePasswordDocument,
    "\n  mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {\n    confirmEmailChange(input: $input) {\n      __typename\n      ... on EmailChanged { viewer { user { id email } } }\n      ...Refusal\n    }\n  }\n": typeof types.ConfirmEmailChangeDocument,
    "\n  mutation DeleteAccount {\n    deleteAccount {\n      __typename\n      ... on AccountDeleted { at }\n      ...Refusal\n    }\n  }\n": typeof types.DeleteAccountDocument,
    "\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resetToken }\n      ...Refusal\n    }\n  }\n": typeof types.RequestPasswordResetDocument,
    "\n  mutation CompleteOAuth($input: CompleteOAuthInput!) {\n    completeOAuth(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ... on IdentityLinked {\n        identity { id provider { id name } }\n        viewer { user { id } }\n      }\n      ... on AccountLinkRequiredError { provider }\n      ...Refusal\n    }\n  }\n": typeof types.CompleteOAuthDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked deviceToken }\n      ...Refusal\n    }\n  }\n": typeof types.ResetPasswordDocument,
    "\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": typeof types.VerifyMfaDocument,
    "\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n": typeof types.SendMfaEmailCodeDocument,
    "\n  query Sessions($after: String) {\n    viewer {\n      sessions(first: 20, after: $after) {\n        edges { node { id current createdAt lastUsedAt ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n": typeof types.SessionsDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.RevokeSessionDocument,
    "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.RevokeOtherSessionsDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n": typeof types.LoginDocument,
    "\n  mutation EnableTotp {\n    enableTotp {\n      __typename\n      ... on TotpEnrollment { secret otpauthUri qrCode expiresAt }\n      ...Refusal\n    }\n  }\n": typeof types.EnableTotpDocument,
    "\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.ConfirmTotpDocument,
    "\n  mutation DisableTotp {\n    disableTotp {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.DisableTotpDocument,
    "\n  mutation EnableEmailMfa {\n    enableEmailMfa {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n": typeof types.EnableEmailMfaDocument,
    "\n  mutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) {\n    confirmEmailMfa(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.ConfirmEmailMfaDocument,
    "\n  mutation DisableEmailMfa {\n    disableEmailMfa {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.DisableEmailMfaDocument,
    "\n  mutation RegenerateBackupCodes {\n    regenerateBackupCodes {\n      __typename\n      ... on BackupCodesGenerated { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.RegenerateBackupCodesDocument,
    "\n  mutation UndoEmailChange($input: UndoEmailChangeInput!) {\n    undoEmailChange(input: $input) {\n      __typename\n      ... on EmailChangeUndone { email }\n      ...Refusal\n    }\n  }\n": typeof types.UndoEmailChangeDocument,
    "\n  mutation UndoSecurityChange($input: UndoSecurityChangeInput!) {\n    undoSecurityChange(input: $input) {\n      __typename\n      ... on SecurityChangeUndone {\n        undone { ...Change }\n        restored { ...Change }\n        stays { ...Change }\n        sessionsRevoked\n      }\n      ...Refusal\n    }\n  }\n": typeof types.UndoSecurityChangeDocument,
    "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on PasswordNeeded { email }\n      ...Refusal\n    }\n  }\n": typeof types.VerifyEmailDocument,
    "\n  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {\n    unlinkIdentity(input: $input) {\n      __typename\n      ... on IdentityUnlinked { viewer { user { id } identities { id } } }\n      ...Refusal\n    }\n  }\n": typeof types.UnlinkIdentityDocument,
    "\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n": typeof types.StartOAuthDocument,
    "\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n": typeof types.ResendEmailVerificationDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": typeof types.ReauthenticateDocument,
    "\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n": typeof types.SendReauthenticationCodeDocument,
};
const documents: Documents = {
    "\n  query AuthSettings {\n    authSettings {\n      passwordMinLength\n      mfaMethods\n      oauthProviders { id name }\n    }\n  }\n": types.AuthSettingsDocument,
    "\n  fragment Refusal on Error {\n    __typename\n    message\n    ... on InvalidInputError { issues { path message } }\n    ... on InvalidCodeError { attemptsRemaining }\n    ... on RateLimitedError { retryAfterSeconds }\n    ... on ServerBusyError { retryAfterSeconds }\n    ... on StepUpRequiredError { proofs: methods }\n    ... on WeakPasswordError { reasons }\n  }\n": types.RefusalFragmentDoc,
    "\n  fragment Tokens on SignedIn {\n    __typename\n    accessToken\n    accessTokenExpiresAt\n    refreshToken\n    refreshTokenExpiresAt\n    deviceToken\n  }\n": types.TokensFragmentDoc,
    "\n  fragment Waiting on EmailVerificationRequired {\n    __typename\n    email\n    expiresAt\n    registrationToken\n    resendableAt\n  }\n": types.WaitingFragmentDoc,
    "\n  fragment Change on SecurityChange {\n    type\n    at\n    detail\n  }\n": types.ChangeFragmentDoc,
    "\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    expiresAt\n    methods\n  }\n": types.ChallengeFragmentDoc,
    "\n  query Identities {\n    viewer {\n      identities { id email linkedAt provider { id name } }\n    }\n  }\n": types.IdentitiesDocument,
    "\n  query MailedToken($token: String!) {\n    mailedToken(token: $token) {\n      kind\n      email\n      requestedAt\n      ipAddress\n      userAgent\n      undoes { ...Change }\n      stays { ...Change }\n    }\n  }\n": types.MailedTokenDocument,
    "\n  query Me {\n    viewer {\n      user { id email emailVerified name }\n      mfa { enabled totp email backupCodesRemaining enrollmentRequired }\n    }\n  }\n": types.MeDocument,
    "\n  query Answering {\n    authSettings { passwordMinLength }\n  }\n": types.AnsweringDocument,
    "\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      __typename\n      ... on ProfileUpdated { viewer { user { id name } } }\n      ...Refusal\n    }\n  }\n": types.UpdateProfileDocument,
    "\n  query SecurityEvents($after: String) {\n    viewer {\n      securityEvents(first: 20, after: $after) {\n        edges { node { id type at ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n": types.SecurityEventsDocument,
    "\n  mutation RequestEmailChange($input: RequestEmailChangeInput!) {\n    requestEmailChange(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt }\n      ...Refusal\n    }\n  }\n": types.RequestEmailChangeDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked }\n      ...Refusal\n    }\n  }\n": types.ChangePasswordDocument,
    "\n  mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {\n    confirmEmailChange(input: $input) {\n      __typename\n      ... on EmailChanged { viewer { user { id email } } }\n      ...Refusal\n    }\n  }\n": types.ConfirmEmailChangeDocument,
    "\n  mutation DeleteAccount {\n    deleteAccount {\n      __typename\n      ... on AccountDeleted { at }\n      ...Refusal\n    }\n  }\n": types.DeleteAccountDocument,
    "\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resetToken }\n      ...Refusal\n    }\n  }\n": types.RequestPasswordResetDocument,
    "\n  mutation CompleteOAuth($input: CompleteOAuthInput!) {\n    completeOAuth(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ... on IdentityLinked {\n        identity { id provider { id name } }\n        viewer { user { id } }\n      }\n      ... on AccountLinkRequiredError { provider }\n      ...Refusal\n    }\n  }\n": types.CompleteOAuthDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n": types.RegisterDocument,
    "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked deviceToken }\n      ...Refusal\n    }\n  }\n": types.ResetPasswordDocument,
    "\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": types.VerifyMfaDocument,
    "\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n": types.SendMfaEmailCodeDocument,
    "\n  query Sessions($after: String) {\n    viewer {\n      sessions(first: 20, after: $after) {\n        edges { node { id current createdAt lastUsedAt ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n": types.SessionsDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.RevokeSessionDocument,
    "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.RevokeOtherSessionsDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n": types.LoginDocument,
    "\n  mutation EnableTotp {\n    enableTotp {\n      __typename\n      ... on TotpEnrollment { secret otpauthUri qrCode expiresAt }\n      ...Refusal\n    }\n  }\n": types.EnableTotpDocument,
    "\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.ConfirmTotpDocument,
    "\n  mutation DisableTotp {\n    disableTotp {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.DisableTotpDocument,
    "\n  mutation EnableEmailMfa {\n    enableEmailMfa {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n": types.EnableEmailMfaDocument,
    "\n  mutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) {\n    confirmEmailMfa(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.ConfirmEmailMfaDocument,
    "\n  mutation DisableEmailMfa {\n    disableEmailMfa {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.DisableEmailMfaDocument,
    "\n  mutation RegenerateBackupCodes {\n    regenerateBackupCodes {\n      __typename\n      ... on BackupCodesGenerated { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n": types.RegenerateBackupCodesDocument,
    "\n  mutation UndoEmailChange($input: UndoEmailChangeInput!) {\n    undoEmailChange(input: $input) {\n      __typename\n      ... on EmailChangeUndone { email }\n      ...Refusal\n    }\n  }\n": types.UndoEmailChangeDocument,
    "\n  mutation UndoSecurityChange($input: UndoSecurityChangeInput!) {\n    undoSecurityChange(input: $input) {\n      __typename\n      ... on SecurityChangeUndone {\n        undone { ...Change }\n        restored { ...Change }\n        stays { ...Change }\n        sessionsRevoked\n      }\n      ...Refusal\n    }\n  }\n": types.UndoSecurityChangeDocument,
    "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on PasswordNeeded { email }\n      ...Refusal\n    }\n  }\n": types.VerifyEmailDocument,
    "\n  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {\n    unlinkIdentity(input: $input) {\n      __typename\n      ... on IdentityUnlinked { viewer { user { id } identities { id } } }\n      ...Refusal\n    }\n  }\n": types.UnlinkIdentityDocument,
    "\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n": types.StartOAuthDocument,
    "\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n": types.ResendEmailVerificationDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n": types.ReauthenticateDocument,
    "\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n": types.SendReauthenticationCodeDocument,
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
export function graphql(source: "\n  fragment Waiting on EmailVerificationRequired {\n    __typename\n    email\n    expiresAt\n    registrationToken\n    resendableAt\n  }\n"): (typeof documents)["\n  fragment Waiting on EmailVerificationRequired {\n    __typename\n    email\n    expiresAt\n    registrationToken\n    resendableAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Change on SecurityChange {\n    type\n    at\n    detail\n  }\n"): (typeof documents)["\n  fragment Change on SecurityChange {\n    type\n    at\n    detail\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    expiresAt\n    methods\n  }\n"): (typeof documents)["\n  fragment Challenge on MfaRequired {\n    __typename\n    challengeToken\n    expiresAt\n    methods\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Identities {\n    viewer {\n      identities { id email linkedAt provider { id name } }\n    }\n  }\n"): (typeof documents)["\n  query Identities {\n    viewer {\n      identities { id email linkedAt provider { id name } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MailedToken($token: String!) {\n    mailedToken(token: $token) {\n      kind\n      email\n      requestedAt\n      ipAddress\n      userAgent\n      undoes { ...Change }\n      stays { ...Change }\n    }\n  }\n"): (typeof documents)["\n  query MailedToken($token: String!) {\n    mailedToken(token: $token) {\n      kind\n      email\n      requestedAt\n      ipAddress\n      userAgent\n      undoes { ...Change }\n      stays { ...Change }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Me {\n    viewer {\n      user { id email emailVerified name }\n      mfa { enabled totp email backupCodesRemaining enrollmentRequired }\n    }\n  }\n"): (typeof documents)["\n  query Me {\n    viewer {\n      user { id email emailVerified name }\n      mfa { enabled totp email backupCodesRemaining enrollmentRequired }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Answering {\n    authSettings { passwordMinLength }\n  }\n"): (typeof documents)["\n  query Answering {\n    authSettings { passwordMinLength }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      __typename\n      ... on ProfileUpdated { viewer { user { id name } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      __typename\n      ... on ProfileUpdated { viewer { user { id name } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SecurityEvents($after: String) {\n    viewer {\n      securityEvents(first: 20, after: $after) {\n        edges { node { id type at ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n"): (typeof documents)["\n  query SecurityEvents($after: String) {\n    viewer {\n      securityEvents(first: 20, after: $after) {\n        edges { node { id type at ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequestEmailChange($input: RequestEmailChangeInput!) {\n    requestEmailChange(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation RequestEmailChange($input: RequestEmailChangeInput!) {\n    requestEmailChange(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {\n    confirmEmailChange(input: $input) {\n      __typename\n      ... on EmailChanged { viewer { user { id email } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {\n    confirmEmailChange(input: $input) {\n      __typename\n      ... on EmailChanged { viewer { user { id email } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteAccount {\n    deleteAccount {\n      __typename\n      ... on AccountDeleted { at }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteAccount {\n    deleteAccount {\n      __typename\n      ... on AccountDeleted { at }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resetToken }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resetToken }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CompleteOAuth($input: CompleteOAuthInput!) {\n    completeOAuth(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ... on IdentityLinked {\n        identity { id provider { id name } }\n        viewer { user { id } }\n      }\n      ... on AccountLinkRequiredError { provider }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation CompleteOAuth($input: CompleteOAuthInput!) {\n    completeOAuth(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ... on IdentityLinked {\n        identity { id provider { id name } }\n        viewer { user { id } }\n      }\n      ... on AccountLinkRequiredError { provider }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked deviceToken }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on PasswordChanged { sessionsRevoked deviceToken }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation VerifyMfa($input: VerifyMfaInput!) {\n    verifyMfa(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) {\n    sendMfaEmailCode(input: $input) {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sessions($after: String) {\n    viewer {\n      sessions(first: 20, after: $after) {\n        edges { node { id current createdAt lastUsedAt ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Sessions($after: String) {\n    viewer {\n      sessions(first: 20, after: $after) {\n        edges { node { id current createdAt lastUsedAt ipAddress userAgent } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on SessionsRevoked { count viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ...Waiting\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EnableTotp {\n    enableTotp {\n      __typename\n      ... on TotpEnrollment { secret otpauthUri qrCode expiresAt }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation EnableTotp {\n    enableTotp {\n      __typename\n      ... on TotpEnrollment { secret otpauthUri qrCode expiresAt }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ConfirmTotp($input: ConfirmTotpInput!) {\n    confirmTotp(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DisableTotp {\n    disableTotp {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation DisableTotp {\n    disableTotp {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EnableEmailMfa {\n    enableEmailMfa {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation EnableEmailMfa {\n    enableEmailMfa {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) {\n    confirmEmailMfa(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) {\n    confirmEmailMfa(input: $input) {\n      __typename\n      ... on MfaEnabled { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DisableEmailMfa {\n    disableEmailMfa {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation DisableEmailMfa {\n    disableEmailMfa {\n      __typename\n      ... on MfaDisabled { viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RegenerateBackupCodes {\n    regenerateBackupCodes {\n      __typename\n      ... on BackupCodesGenerated { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation RegenerateBackupCodes {\n    regenerateBackupCodes {\n      __typename\n      ... on BackupCodesGenerated { backupCodes viewer { user { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UndoEmailChange($input: UndoEmailChangeInput!) {\n    undoEmailChange(input: $input) {\n      __typename\n      ... on EmailChangeUndone { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation UndoEmailChange($input: UndoEmailChangeInput!) {\n    undoEmailChange(input: $input) {\n      __typename\n      ... on EmailChangeUndone { email }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UndoSecurityChange($input: UndoSecurityChangeInput!) {\n    undoSecurityChange(input: $input) {\n      __typename\n      ... on SecurityChangeUndone {\n        undone { ...Change }\n        restored { ...Change }\n        stays { ...Change }\n        sessionsRevoked\n      }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation UndoSecurityChange($input: UndoSecurityChangeInput!) {\n    undoSecurityChange(input: $input) {\n      __typename\n      ... on SecurityChangeUndone {\n        undone { ...Change }\n        restored { ...Change }\n        stays { ...Change }\n        sessionsRevoked\n      }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on PasswordNeeded { email }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ...Tokens\n      ...Challenge\n      ... on PasswordNeeded { email }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {\n    unlinkIdentity(input: $input) {\n      __typename\n      ... on IdentityUnlinked { viewer { user { id } identities { id } } }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {\n    unlinkIdentity(input: $input) {\n      __typename\n      ... on IdentityUnlinked { viewer { user { id } identities { id } } }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation StartOAuth($input: StartOAuthInput!) {\n    startOAuth(input: $input) {\n      __typename\n      ... on OAuthStarted { authorizationUrl flowToken links }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {\n    resendEmailVerification(input: $input) {\n      __typename\n      ... on EmailSent { email expiresAt resendableAt }\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      __typename\n      ...Tokens\n      ...Refusal\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n"): (typeof documents)["\n  mutation SendReauthenticationCode {\n    sendReauthenticationCode {\n      __typename\n      ... on EmailSent { email resendableAt }\n      ...Refusal\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;