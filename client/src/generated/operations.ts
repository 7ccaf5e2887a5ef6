// Generated from the schema by `npm run client:operations`. Do not edit.

import type { Operation } from '../operation.ts';

/** What this server offers, for building a sign-in page. */
export type AuthSettings = {
  /** True when an address must be proven before its account can sign in. */
  readonly emailVerificationRequired: boolean;
  /** The providers people can sign in with. */
  readonly oauthProviders: readonly OAuthProvider[];
  /** The most characters a password may have. */
  readonly passwordMaxLength: number;
  /** The fewest characters a new password may have. */
  readonly passwordMinLength: number;
};

/** The code of a mail, with the address the mail went to. */
export type EmailCodeInput = {
  /** The 8 digits; blanks and dashes are left out. */
  readonly code: string;
  /** The address the mail went to. */
  readonly email: string;
};

/** A link’s token, or the code from the same mail with the address it went to. */
export type EmailProof =
  | { readonly code: EmailCodeInput; readonly token?: never; }
  | { readonly token: string; readonly code?: never; };

/** Accepted. Whether anything was mailed is not said. */
export type EmailSent = {
  /** The address that was asked for, in canonical form. */
  readonly email: string;
  /** When what such a mail carries is over. */
  readonly expiresAt: string;
};

/** There is already an account with this address. Only where EMAIL_VERIFICATION is optional: otherwise the mail says it. */
export type EmailTakenError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** The address must be proven first; a mail with a link and a code is on its way. */
export type EmailVerificationRequired = {
  /** Where the mail goes, in canonical form. */
  readonly email: string;
  /** When the link in the mail is over. The code is over after ten minutes. */
  readonly expiresAt: string;
};

/** One refused field of the input. */
export type InputIssue = {
  /** The broken rule. Never the value. */
  readonly message: string;
  /** Where: the field path from the argument on, e.g. `["input", "email"]`. */
  readonly path: readonly string[];
};

/** The address or the password is not right, or there is no such account, or it has no password: one answer for all. */
export type InvalidCredentialsError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** The input breaks a rule of its fields. Nothing was done. */
export type InvalidInputError = {
  /** Every refused field. */
  readonly issues: readonly InputIssue[];
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** The token is used, over, superseded or was never issued: one answer for all. */
export type InvalidTokenError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** An address and its password. */
export type LoginInput = {
  /** The address of the account. */
  readonly email: string;
  /** Its password, exactly as chosen. */
  readonly password: string;
};

/** What a sign-in can come to, whichever way in. */
export type LoginResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidCredentialsError' } & InvalidCredentialsError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** What signing out can come to. */
export type LogoutResult =
  | ({ readonly __typename: 'SignedOut' } & SignedOut)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** No live session came with the request: the access token is missing, over or revoked. */
export type NotAuthenticatedError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** There is no such thing, or it is not yours: one answer for both. */
export type NotFoundError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** A provider people can sign in with. */
export type OAuthProvider = {
  /** What `startOAuth` takes as `provider`. */
  readonly id: string;
  /** What a button calls it. */
  readonly name: string;
};

/** Where a page stands (Relay Cursor Connections). */
export type PageInfo = {
  /** The cursor of the last edge: pass it as `after` for the next page. */
  readonly endCursor: string | null;
  /** True when more follows. */
  readonly hasNextPage: boolean;
  /** True when the page was asked for with a cursor. */
  readonly hasPreviousPage: boolean;
  /** The cursor of the first edge; null on an empty page. */
  readonly startCursor: string | null;
};

/** Why a new password is refused. */
export type PasswordWeakness = 'BREACHED' | 'COMMON' | 'CONTAINS_PERSONAL_DATA' | 'TOO_LONG' | 'TOO_SHORT';

/** Too many attempts from here or on this account. The same for unknown accounts. */
export type RateLimitedError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
  /** Seconds to wait before the same request can be evaluated. */
  readonly retryAfterSeconds: number;
};

/** One proof of who holds the session. */
export type ReauthenticateInput =
  | { readonly password: string; };

/** What proving oneself again can come to. */
export type ReauthenticateResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidCredentialsError' } & InvalidCredentialsError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The refresh token to exchange. */
export type RefreshTokenInput = {
  /** The newest refresh token of the session. */
  readonly refreshToken: string;
};

/** What exchanging a refresh token can come to. */
export type RefreshTokenResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** What an account is asked for with. */
export type RegisterInput = {
  /** The address to sign in with. */
  readonly email: string;
  /** What the person wants to be called, up to 200 characters. */
  readonly name?: string | null;
  /** The new password: see `authSettings` for its length. */
  readonly password: string;
};

/** What asking for an account can come to. */
export type RegisterResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'EmailTakenError' } & EmailTakenError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** Which address waits for its mail. */
export type ResendEmailVerificationInput = {
  /** The address to mail again. */
  readonly email: string;
};

/** What asking for the mail again can come to. */
export type ResendEmailVerificationResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** What ending the others can come to. */
export type RevokeOtherSessionsResult =
  | ({ readonly __typename: 'SessionsRevoked' } & SessionsRevoked)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The session to end. */
export type RevokeSessionInput = {
  /** The `id` of one of the person’s own sessions. */
  readonly sessionId: string;
};

/** What ending a session can come to. */
export type RevokeSessionResult =
  | ({ readonly __typename: 'SessionsRevoked' } & SessionsRevoked)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** Too many passwords are being checked at once. Nothing was decided; try again. */
export type ServerBusyError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
  /** Seconds to wait before trying again. */
  readonly retryAfterSeconds: number;
};

/** A signed-in state on one device. It ends by sign-out, by revocation or in time. */
export type Session = {
  /** When the person last proved who they are: the token’s `auth_time`. */
  readonly authenticatedAt: string;
  /** When it began. */
  readonly createdAt: string;
  /** True for the session making this request. */
  readonly current: boolean;
  /** When it ends unless it is refreshed before. */
  readonly expiresAt: string;
  /** UUIDv7, also the access token’s `sid`. */
  readonly id: string;
  /** The address it was started from. */
  readonly ipAddress: string | null;
  /** When its tokens were last refreshed. */
  readonly lastUsedAt: string;
  /** What they proved it with: the token’s `amr` (RFC 8176). */
  readonly methods: readonly string[];
  /** The browser or app it was started from. */
  readonly userAgent: string | null;
};

/** A page of Sessions, newest first. */
export type SessionConnection = {
  /** The page, newest first. */
  readonly edges: readonly SessionEdge[];
  /** Where the page stands. */
  readonly pageInfo: PageInfo;
};

/** One Session of a page. */
export type SessionEdge = {
  /** Where this edge stands. */
  readonly cursor: string;
  /** The Session. */
  readonly node: Session;
};

/** Sessions were ended; their tokens are worthless. */
export type SessionsRevoked = {
  /** How many ended. */
  readonly count: number;
  /** The person, with the sessions that go on. */
  readonly viewer: Viewer;
};

/** A completed sign-in. */
export type SignedIn = {
  /** JWT (typ at+jwt, ES256): send it as `Authorization: Bearer …`. Any service can verify it with the published keys. */
  readonly accessToken: string;
  /** When the access token is over. */
  readonly accessTokenExpiresAt: string;
  /** Opaque; exchange it with `refreshToken` before the access token is over. It works once. Null in cookie mode. */
  readonly refreshToken: string | null;
  /** When the refresh token is over unless it is exchanged before. */
  readonly refreshTokenExpiresAt: string;
  /** The person who is now signed in. */
  readonly viewer: Viewer;
};

/** The session is over and its tokens are worthless. */
export type SignedOut = {
  /** When it ended. */
  readonly at: string;
};

/** A person with an account. */
export type User = {
  /** When the account was made. */
  readonly createdAt: string;
  /** The address they sign in with, in canonical form. */
  readonly email: string;
  /** True once a mail to this address came back. */
  readonly emailVerified: boolean;
  /** UUIDv7. Never changes, never reused. */
  readonly id: string;
  /** What they want to be called; null when they did not say. */
  readonly name: string | null;
  /** When anything of the profile last changed. */
  readonly updatedAt: string;
};

/** What the mail carried. */
export type VerifyEmailInput = {
  /** The link’s token, or the code with its address. */
  readonly proof: EmailProof;
};

/** What proving an address can come to. */
export type VerifyEmailResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The signed-in person and everything only they may see. */
export type Viewer = {
  /** The session making this request. */
  readonly session: Session;
  /** The person. */
  readonly user: User;
};

/** The new password would be guessed. Nothing was changed. */
export type WeakPasswordError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
  /** Everything that is wrong with it. */
  readonly reasons: readonly PasswordWeakness[];
};

/** What this server offers, for building a sign-in page. */
export type AuthSettingsVariables = Record<string, never>;
/** What this server offers, for building a sign-in page. */
export const authSettings: Operation<AuthSettings, AuthSettingsVariables> = "query AuthSettings { authSettings { emailVerificationRequired oauthProviders { id name } passwordMaxLength passwordMinLength } }";

/** Who is signed in; null when nobody is. */
export type ViewerVariables = Record<string, never>;
/** Who is signed in; null when nobody is. */
export const viewer: Operation<Viewer | null, ViewerVariables> = "query Viewer { viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } }";

/** Every live session of this person, newest first. */
export type ViewerSessionsVariables = { readonly after?: string | null; readonly first?: number | null };
/** Every live session of this person, newest first. */
export const viewerSessions: Operation<{ readonly sessions: SessionConnection } | null, ViewerSessionsVariables> = "query ViewerSessions($after: String, $first: Int) { viewer { sessions(after: $after, first: $first) { edges { cursor node { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } } pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } } }";

/** Signs in with an address and a password. */
export type LoginVariables = { readonly input: LoginInput };
/** Signs in with an address and a password. */
export const login: Operation<LoginResult, LoginVariables> = "mutation Login($input: LoginInput!) { login(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt } ... on SignedIn { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Ends the session making this request. */
export type LogoutVariables = Record<string, never>;
/** Ends the session making this request. */
export const logout: Operation<LogoutResult, LogoutVariables> = "mutation Logout { logout { __typename ... on SignedOut { at } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Proves again who holds this session, before something sensitive. The session goes on with new tokens and a fresh `authenticatedAt`. */
export type ReauthenticateVariables = { readonly input: ReauthenticateInput };
/** Proves again who holds this session, before something sensitive. The session goes on with new tokens and a fresh `authenticatedAt`. */
export const reauthenticate: Operation<ReauthenticateResult, ReauthenticateVariables> = "mutation Reauthenticate($input: ReauthenticateInput!) { reauthenticate(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Exchanges a refresh token for a new pair. It works once; sent again within seconds it yields the same successor, later it ends the session. */
export type RefreshTokenVariables = { readonly input?: RefreshTokenInput | null };
/** Exchanges a refresh token for a new pair. It works once; sent again within seconds it yields the same successor, later it ends the session. */
export const refreshToken: Operation<RefreshTokenResult, RefreshTokenVariables> = "mutation RefreshToken($input: RefreshTokenInput) { refreshToken(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Asks for an account. By default the address must be proven first, and the answer is the same whether it is taken or free. */
export type RegisterVariables = { readonly input: RegisterInput };
/** Asks for an account. By default the address must be proven first, and the answer is the same whether it is taken or free. */
export const register: Operation<RegisterResult, RegisterVariables> = "mutation Register($input: RegisterInput!) { register(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt } ... on SignedIn { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Mails the proof of an address again; the newer mail voids the older. The answer is the same whether anybody waits for it. */
export type ResendEmailVerificationVariables = { readonly input: ResendEmailVerificationInput };
/** Mails the proof of an address again; the newer mail voids the older. The answer is the same whether anybody waits for it. */
export const resendEmailVerification: Operation<ResendEmailVerificationResult, ResendEmailVerificationVariables> = "mutation ResendEmailVerification($input: ResendEmailVerificationInput!) { resendEmailVerification(input: $input) { __typename ... on EmailSent { email expiresAt } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Ends every session of the person but the one making this request. */
export type RevokeOtherSessionsVariables = Record<string, never>;
/** Ends every session of the person but the one making this request. */
export const revokeOtherSessions: Operation<RevokeOtherSessionsResult, RevokeOtherSessionsVariables> = "mutation RevokeOtherSessions { revokeOtherSessions { __typename ... on SessionsRevoked { count viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Ends one of the person’s own sessions, this one included. */
export type RevokeSessionVariables = { readonly input: RevokeSessionInput };
/** Ends one of the person’s own sessions, this one included. */
export const revokeSession: Operation<RevokeSessionResult, RevokeSessionVariables> = "mutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename ... on SessionsRevoked { count viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Proves an address and signs in. */
export type VerifyEmailVariables = { readonly input: VerifyEmailInput };
/** Proves an address and signs in. */
export const verifyEmail: Operation<VerifyEmailResult, VerifyEmailVariables> = "mutation VerifyEmail($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt viewer { session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

