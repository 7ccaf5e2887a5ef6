// Generated from the schema by `npm run client:operations`. Do not edit.

import type { Operation } from '../operation.ts';

/** The account is gone, with everything personal. A last mail says so. */
export type AccountDeleted = {
  /** When it was deleted. */
  readonly at: string;
};

/** There is an account with this address, and this provider is not linked to it. Sign in as before, then call `startOAuth` again with the access token: that links. */
export type AccountLinkRequiredError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
  /** What the provider is called. */
  readonly provider: string;
};

/** What this server offers, for building a sign-in page. */
export type AuthSettings = {
  /** True when an address must be proven before its account can sign in. */
  readonly emailVerificationRequired: boolean;
  /** The second factors this server can check. */
  readonly mfaMethods: readonly MfaMethod[];
  /** True when everybody needs a second factor. A sign-in without one is then a session that can only set one up: see `MfaStatus.enrollmentRequired`. */
  readonly mfaRequired: boolean;
  /** The providers people can sign in with. */
  readonly oauthProviders: readonly OAuthProvider[];
  /** The most characters a password may have. */
  readonly passwordMaxLength: number;
  /** The fewest characters a new password may have. */
  readonly passwordMinLength: number;
};

/** A new set of backup codes. The older one is void. */
export type BackupCodesGenerated = {
  /** Ten codes, shown this once. Each works once. */
  readonly backupCodes: readonly string[];
  /** The person, with the new set. */
  readonly viewer: Viewer;
};

/** The challenge is over after five minutes, five tries, one success or a change of the password. Sign in again. */
export type ChallengeExpiredError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** The old password and the new one. */
export type ChangePasswordInput = {
  /** The password of now. */
  readonly currentPassword: string;
  /** The new password: see `authSettings` for its length. */
  readonly newPassword: string;
};

/** What changing the password can come to. */
export type ChangePasswordResult =
  | ({ readonly __typename: 'PasswordChanged' } & PasswordChanged)
  | ({ readonly __typename: 'InvalidCredentialsError' } & InvalidCredentialsError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** What the browser kept and what it came back with. */
export type CompleteOAuthInput = {
  /** The whole URL the provider sent the browser back to, with its query as it came; a fragment is ignored. Also when it reports an error. */
  readonly callbackUrl: string;
  /** The `flowToken` of `startOAuth`. */
  readonly flowToken: string;
};

/** What coming back from a provider can come to. */
export type CompleteOAuthResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'IdentityLinked' } & IdentityLinked)
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'AccountLinkRequiredError' } & AccountLinkRequiredError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'OAuthCancelledError' } & OAuthCancelledError)
  | ({ readonly __typename: 'OAuthFailedError' } & OAuthFailedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** What the mail to the new address carried. */
export type ConfirmEmailChangeInput = {
  /** The link’s token, or the code with the new address. */
  readonly proof: EmailProof;
};

/** What confirming an address can come to. */
export type ConfirmEmailChangeResult =
  | ({ readonly __typename: 'EmailChanged' } & EmailChanged)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The code that `enableEmailMfa` mailed. */
export type ConfirmEmailMfaInput = {
  /** Its 8 digits. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
};

/** What confirming the address can come to. */
export type ConfirmEmailMfaResult =
  | ({ readonly __typename: 'MfaEnabled' } & MfaEnabled)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The first code of a new authenticator app. */
export type ConfirmTotpInput = {
  /** The 6 digits it shows now. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
};

/** What confirming an app can come to. */
export type ConfirmTotpResult =
  | ({ readonly __typename: 'MfaEnabled' } & MfaEnabled)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** What deleting the account can come to. */
export type DeleteAccountResult =
  | ({ readonly __typename: 'AccountDeleted' } & AccountDeleted)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** What removing them can come to. */
export type DisableEmailMfaResult =
  | ({ readonly __typename: 'MfaDisabled' } & MfaDisabled)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** What removing the app can come to. */
export type DisableTotpResult =
  | ({ readonly __typename: 'MfaDisabled' } & MfaDisabled)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The account has its old address and no change of it is pending. Every session has ended and the password is removed: reset the password next. */
export type EmailChangeUndone = {
  /** When it was undone. */
  readonly at: string;
  /** The address of the account: the one the link was mailed to. */
  readonly email: string;
  /** How many sessions ended. */
  readonly sessionsRevoked: number;
};

/** The account uses the new address now; every other session is over. */
export type EmailChanged = {
  /** The person, with the new address. */
  readonly viewer: Viewer;
};

/** The code of a mail, with the address the mail went to. */
export type EmailCodeInput = {
  /** The 8 digits. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** The address the mail went to. */
  readonly email: string;
};

/** A link’s token, or the code from the same mail with the address it went to. */
export type EmailProof =
  | { readonly code: EmailCodeInput; readonly token?: never; }
  | { readonly token: string; readonly code?: never; };

/** Accepted. The answer does not say whether anything was mailed. */
export type EmailSent = {
  /** The address that was asked for, in canonical form. */
  readonly email: string;
  /** When what such a mail carries expires. */
  readonly expiresAt: string;
  /** From when on another mail can be asked for. It counts what was asked for here and nothing else, so it says nothing about the address. */
  readonly resendableAt: string;
  /** Only of `requestPasswordReset`: the secret of this browser, with which the code in the mail counts. Send it with `resetPassword`. It is given for every address, whether or not anything was mailed, and proves nothing alone. Never put it into a URL. */
  readonly resetToken: string | null;
};

/** There is already an account with this address. Only where EMAIL_VERIFICATION is optional: otherwise the mail says it. */
export type EmailTakenError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** The address must be proven first; a mail with a link and a code is on its way. The answer is the same for every address. */
export type EmailVerificationRequired = {
  /** Where the mail goes, in canonical form. */
  readonly email: string;
  /** When the link in the mail expires. The code expires after ten minutes. */
  readonly expiresAt: string;
  /** Secret of this browser. Keep it by address until the address is proven, where every tab of the browser finds it (localStorage), and send it with `verifyEmail`, `resendEmailVerification`, `register` and `login`: it makes the password chosen here the one of the account. It is no session and proves nothing alone. Never put it into a URL. */
  readonly registrationToken: string;
  /** From when on the mail can be asked for again. It counts what was asked for here and nothing else, so it says nothing about the address. */
  readonly resendableAt: string;
};

/** What beginning to set them up can come to. */
export type EnableEmailMfaResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaAlreadyEnabledError' } & MfaAlreadyEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** What beginning to set up an app can come to. */
export type EnableTotpResult =
  | ({ readonly __typename: 'TotpEnrollment' } & TotpEnrollment)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaAlreadyEnabledError' } & MfaAlreadyEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** An account at a provider that signs in to this one. */
export type Identity = {
  /** The address the provider told when it was linked: to tell two accounts apart, nothing more. Null when it told none. */
  readonly email: string | null;
  /** UUIDv7: what `unlinkIdentity` takes. */
  readonly id: string;
  /** When it was linked. */
  readonly linkedAt: string;
  /** Whose account it is. One that is not offered any more goes by its host. */
  readonly provider: OAuthProvider;
};

/** The provider is a way to sign in to this account from now on. */
export type IdentityLinked = {
  /** What was linked. */
  readonly identity: Identity;
  /** The person it is linked to. */
  readonly viewer: Viewer;
};

/** The provider signs in to this account no more. Sessions go on. */
export type IdentityUnlinked = {
  /** The person, with what is still linked. */
  readonly viewer: Viewer;
};

/** One refused field of the input. */
export type InputIssue = {
  /** The broken rule. Never the value. */
  readonly message: string;
  /** Where: the field path from the argument on, e.g. `["input", "email"]`. */
  readonly path: readonly string[];
};

/** The code is wrong, spent or over, or of a method this person does not have: one answer for all. */
export type InvalidCodeError = {
  /** How many tries are left; null where they are not counted one by one. */
  readonly attemptsRemaining: number | null;
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
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

/** The only way to sign in to the account: set a password (by a reset) or link another first. */
export type LastCredentialError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** An address and its password. */
export type LoginInput = {
  /** The `deviceToken` of an earlier sign-in on this device, if there is one: strangers who guess at the account then cannot make this device wait. In cookie mode the cookie carries it. */
  readonly deviceToken?: string | null;
  /** The address of the account. */
  readonly email: string;
  /** Its password, exactly as chosen. */
  readonly password: string;
  /** The `registrationToken` of this browser for the address, if it registered here and has not proven the address yet: the password of that registration is then answered with `EmailVerificationRequired`. Any other waiting registration is a wrong password. */
  readonly registrationToken?: string | null;
};

/** What a sign-in can come to, whichever way in. */
export type LoginResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
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

/** What the token of a mail’s link is for, so that a page can ask before it uses it. */
export type MailedToken = {
  /** Where the mail went. */
  readonly email: string;
  /** When the token expires. */
  readonly expiresAt: string;
  /** The address it was asked for from; null when it is not known. */
  readonly ipAddress: string | null;
  /** What it is for. */
  readonly kind: MailedTokenKind;
  /** When the mail was asked for. */
  readonly requestedAt: string;
  /** Of a link that undoes a change: what is older, was used, and would stay. */
  readonly stays: readonly SecurityChange[];
  /** Of a link that undoes a change: what it would undo now. It removes the password as well, whoever set it. */
  readonly undoes: readonly SecurityChange[];
  /** The browser or app it was asked for from, by its own account. */
  readonly userAgent: string | null;
};

/** What the link of a mail is for. */
export type MailedTokenKind = 'CONFIRM_EMAIL_CHANGE' | 'RESET_PASSWORD' | 'UNDO_EMAIL_CHANGE' | 'UNDO_SECURITY_CHANGE' | 'VERIFY_EMAIL';

/** This second factor is already enabled. Disable it first to set it up anew. */
export type MfaAlreadyEnabledError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** A second factor is gone. Every other session was ended. */
export type MfaDisabled = {
  /** The person, without that factor. */
  readonly viewer: Viewer;
};

/** A second factor is enabled. Every other session was ended. */
export type MfaEnabled = {
  /** Ten codes, shown this once, with the first factor enabled; null when the person already has a set. */
  readonly backupCodes: readonly string[] | null;
  /** The person, with the new factor. */
  readonly viewer: Viewer;
};

/** This server asks everybody for a second factor and none was proven on this session. Until then it can only set one up (`enableTotp`, `confirmTotp`, `enableEmailMfa`, `confirmEmailMfa`), prove one (`reauthenticate`) or sign out. */
export type MfaEnrollmentRequiredError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** A way to prove a second factor. */
export type MfaMethod = 'BACKUP_CODE' | 'EMAIL' | 'PASSKEY' | 'TOTP';

/** There is no such second factor, or nothing waits to be confirmed any more. */
export type MfaNotEnabledError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** The first factor was right; a second one is owed. Not a session: opens nothing but `verifyMfa` and `sendMfaEmailCode`. */
export type MfaRequired = {
  /** Opaque. Keep it in this browser: it stands for the first factor. */
  readonly challengeToken: string;
  /** When it is over. Five wrong codes end it sooner. */
  readonly expiresAt: string;
  /** What `verifyMfa` takes from this person. EMAIL is not among them when the first factor came from the same mailbox; empty when nothing else is left: then sign in with the password. After a password that a mailed reset set it is empty again: it came from that mailbox, too, and only an operator can help. */
  readonly methods: readonly MfaMethod[];
};

/** The second factors of a person. */
export type MfaStatus = {
  /** Unused backup codes. Zero for a person without a second factor. */
  readonly backupCodesRemaining: number;
  /** True when codes by mail are set up. */
  readonly email: boolean;
  /** True when signing in asks for a second factor. */
  readonly enabled: boolean;
  /** True while this server asks everybody for a second factor (`authSettings.mfaRequired`) and this session has proven none. It can then only set one up, prove one with `reauthenticate`, or sign out; everything else answers MfaEnrollmentRequiredError, and its access token is good for no other service. Refresh it afterwards. */
  readonly enrollmentRequired: boolean;
  /** True when an authenticator app is set up. */
  readonly totp: boolean;
};

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

/** The person gave up at the provider, or the provider did not let them through. Nothing is wrong with the set-up: offer the ways to sign in again. */
export type OAuthCancelledError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
};

/** Signing in with the provider failed: its refusal, unless the person gave up there (OAuthCancelledError), a callback that belongs to no flow of this browser, an ID token that is not good, an address the provider has not verified. One answer for all; the reason is in the server’s log and audit log. */
export type OAuthFailedError = {
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

/** Send the browser to `authorizationUrl`. Keep `flowToken` in that browser (session storage): it ties the answer to it. */
export type OAuthStarted = {
  /** The provider’s page, with state, nonce and PKCE challenge. */
  readonly authorizationUrl: string;
  /** The browser must be back by then. */
  readonly expiresAt: string;
  /** Secret of this browser, for `completeOAuth`. Never put it into a URL. */
  readonly flowToken: string;
  /** True when this links the provider to the signed-in account. False when it signs in: then no live access token came with the request. */
  readonly links: boolean;
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

/** There is a new password. What was signed in with the old one is over. */
export type PasswordChanged = {
  /** When it was set. */
  readonly at: string;
  /** Only after `resetPassword`: send it with the next `login`, as the `deviceToken` of `SignedIn`. Strangers who guess at the account then cannot keep this device out. Null in cookie mode, where the cookie carries it. */
  readonly deviceToken: string | null;
  /** How many sessions ended with it. */
  readonly sessionsRevoked: number;
};

/** The proof is good and was not used up, but no password came with it that counts: the mail was opened in another browser than the one that signed up, or somebody else asked for it. Send the same proof again with a new password. */
export type PasswordNeeded = {
  /** The address that the mail went to. */
  readonly email: string;
};

/** Why a new password is refused. */
export type PasswordWeakness = 'BREACHED' | 'COMMON' | 'CONTAINS_PERSONAL_DATA' | 'TOO_LONG' | 'TOO_SHORT';

/** The profile says what was sent. */
export type ProfileUpdated = {
  /** The person, as they are now. */
  readonly viewer: Viewer;
};

/** Too many attempts from here or on this account. The same for unknown accounts. */
export type RateLimitedError = {
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
  /** Seconds to wait before the same request can be evaluated. */
  readonly retryAfterSeconds: number;
};

/** One proof of who holds the session. */
export type ReauthenticateInput =
  | { readonly code: ReauthenticationCodeInput; readonly password?: never; }
  | { readonly password: string; readonly code?: never; };

/** What proving oneself again can come to. */
export type ReauthenticateResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidCredentialsError' } & InvalidCredentialsError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** A code of one of the methods that StepUpRequiredError lists. */
export type ReauthenticationCodeInput = {
  /** TOTP: the 6 digits of the app. EMAIL: the 8 digits that `sendReauthenticationCode` mailed. BACKUP_CODE: the code, in any case. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** What the code is of. */
  readonly method: MfaMethod;
};

/** A way to prove again who is asking, on a session that already exists. */
export type ReauthenticationMethod = 'BACKUP_CODE' | 'EMAIL' | 'OAUTH' | 'PASSKEY' | 'PASSWORD' | 'TOTP';

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

/** What making a new set can come to. */
export type RegenerateBackupCodesResult =
  | ({ readonly __typename: 'BackupCodesGenerated' } & BackupCodesGenerated)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** What an account is asked for with. */
export type RegisterInput = {
  /** The address to sign in with. */
  readonly email: string;
  /** What the person wants to be called, up to 200 characters. */
  readonly name?: string | null;
  /** The new password: see `authSettings` for its length. */
  readonly password: string;
  /** The `registrationToken` of an earlier `register` of this browser for this address, if there is one: pressing the button again is then the same registration. */
  readonly registrationToken?: string | null;
};

/** What asking for an account can come to. */
export type RegisterResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'EmailTakenError' } & EmailTakenError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** Which address to use from now on. */
export type RequestEmailChangeInput = {
  /** The new address; it has to prove itself first. */
  readonly newEmail: string;
};

/** What asking for another address can come to. */
export type RequestEmailChangeResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** Whose password was forgotten. */
export type RequestPasswordResetInput = {
  /** The `deviceToken` of an earlier sign-in on this device, if there is one: strangers who have used up the mails to this address then cannot keep its owner from theirs. In cookie mode the cookie carries it. */
  readonly deviceToken?: string | null;
  /** The address of the account. */
  readonly email: string;
};

/** What asking for a reset can come to. */
export type RequestPasswordResetResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** Which address waits for its mail. */
export type ResendEmailVerificationInput = {
  /** The address to mail again. */
  readonly email: string;
  /** The `registrationToken` of this browser for the address. Without it the mail carries a link alone, and opening it asks for a password. */
  readonly registrationToken?: string | null;
};

/** What asking for the mail again can come to. */
export type ResendEmailVerificationResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** What the mail carried, and the new password. */
export type ResetPasswordInput = {
  /** The new password: see `authSettings` for its length. */
  readonly newPassword: string;
  /** The link’s token, or the code with its address. */
  readonly proof: EmailProof;
  /** The `resetToken` that this browser got from `requestPasswordReset`. A code counts only with the token of the request that mailed it; a link needs none. */
  readonly resetToken?: string | null;
};

/** What setting a new password can come to. */
export type ResetPasswordResult =
  | ({ readonly __typename: 'PasswordChanged' } & PasswordChanged)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** What ending the others can come to. */
export type RevokeOtherSessionsResult =
  | ({ readonly __typename: 'SessionsRevoked' } & SessionsRevoked)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
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
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** One change of what lets somebody sign in to an account. */
export type SecurityChange = {
  /** When it changed. */
  readonly at: string;
  /** Which one: a provider’s name, an `MfaMethod`, or an email address in part. Null where there is only one. */
  readonly detail: string | null;
  /** What changed. */
  readonly type: SecurityEventType;
};

/** The change and everything connected with it was undone. Every session was ended and the password was removed. A password reset for the address of the account sets a new one. */
export type SecurityChangeUndone = {
  /** What had been removed by the same hand and is there again. */
  readonly restored: readonly SecurityChange[];
  /** How many sessions ended. */
  readonly sessionsRevoked: number;
  /** What is older and stays, although one of those sessions signed in or was stepped up with it. Remove what is not the person’s own. */
  readonly stays: readonly SecurityChange[];
  /** The changes that were undone. The password is removed whoever set it. */
  readonly undone: readonly SecurityChange[];
};

/** One act on or around the account, whoever did it. */
export type SecurityEvent = {
  /** When. */
  readonly at: string;
  /** UUIDv7. */
  readonly id: string;
  /** The address it came from; null when it is not known. */
  readonly ipAddress: string | null;
  /** What happened. */
  readonly type: SecurityEventType;
  /** The browser or app it came from, by its own account. */
  readonly userAgent: string | null;
};

/** A page of SecurityEvents, newest first. */
export type SecurityEventConnection = {
  /** The page, newest first. */
  readonly edges: readonly SecurityEventEdge[];
  /** Where the page stands. */
  readonly pageInfo: PageInfo;
};

/** One SecurityEvent of a page. */
export type SecurityEventEdge = {
  /** Where this edge stands. */
  readonly cursor: string;
  /** The SecurityEvent. */
  readonly node: SecurityEvent;
};

/** What happened: one value for each audited act. */
export type SecurityEventType = 'ACCOUNT_DELETED' | 'ACCOUNT_DISABLED' | 'ACCOUNT_ENABLED' | 'ALL_SESSIONS_ENDED' | 'BACKUP_CODES_GENERATED' | 'BACKUP_CODE_USED' | 'EMAIL_CHANGED' | 'EMAIL_CHANGE_REQUESTED' | 'EMAIL_CHANGE_UNDONE' | 'EMAIL_VERIFICATION_SENT' | 'EMAIL_VERIFIED' | 'IDENTITY_LINKED' | 'IDENTITY_UNLINKED' | 'MFA_DISABLED' | 'MFA_ENABLED' | 'MFA_ENROLLMENT_STARTED' | 'OAUTH_FAILED' | 'OTHER_SESSIONS_REVOKED' | 'PASSWORD_CHANGED' | 'PASSWORD_CHANGE_FAILED' | 'PASSWORD_RESET' | 'PASSWORD_RESET_REQUESTED' | 'PROFILE_UPDATED' | 'RATE_LIMITED' | 'RATE_LIMITS_RESET' | 'REAUTHENTICATED' | 'REAUTHENTICATION_CODE_SENT' | 'REAUTHENTICATION_FAILED' | 'REFRESH_TOKEN_ADOPTED' | 'REFRESH_TOKEN_REUSED' | 'REGISTERED' | 'SECOND_FACTOR_CODE_SENT' | 'SECOND_FACTOR_FAILED' | 'SECOND_FACTOR_REQUIRED' | 'SECURITY_CHANGE_UNDONE' | 'SESSION_REVOKED' | 'SIGNED_IN' | 'SIGNED_OUT' | 'SIGNING_KEY_REVOKED' | 'SIGNING_KEY_ROTATED' | 'SIGN_IN_FAILED';

/** Which challenge a code is wanted for. */
export type SendMfaEmailCodeInput = {
  /** The `challengeToken` of MfaRequired. */
  readonly challengeToken: string;
};

/** What asking for a code can come to. */
export type SendMfaEmailCodeResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'ChallengeExpiredError' } & ChallengeExpiredError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** What asking for a code can come to. */
export type SendReauthenticationCodeResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
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
  /** Keep it on this device, past sign-out, and send it with the next `login`: it proves nothing, but strangers who guess at the account then cannot make this device wait. Null in cookie mode, and while the address is unproven. */
  readonly deviceToken: string | null;
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

/** Which provider, and where it sends the browser back to. */
export type StartOAuthInput = {
  /** True: the person must sign in at the provider anew, and a provider that does not say so is refused. The session’s proof is then fresh (`authenticatedAt`); otherwise it is as old as the sign-in at the provider, or counts from now where the provider does not tell (Google). */
  readonly freshLogin?: boolean | null;
  /** The `id` of one of `authSettings.oauthProviders`. */
  readonly provider: string;
  /** One of the provider’s redirect URIs, character by character. By default APP_URL/oauth/callback/<id>. */
  readonly redirectUri: string;
};

/** What beginning with a provider can come to. */
export type StartOAuthResult =
  | ({ readonly __typename: 'OAuthStarted' } & OAuthStarted)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'OAuthFailedError' } & OAuthFailedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** Signed in, but the proof is too old for this. Call `reauthenticate`, then send it again. */
export type StepUpRequiredError = {
  /** How fresh the proof must be, in seconds. */
  readonly maxAgeSeconds: number;
  /** Fixed English words for this kind of refusal. Branch on `__typename` instead. */
  readonly message: string;
  /** What this person can prove themself with. */
  readonly methods: readonly ReauthenticationMethod[];
};

/** A secret for an authenticator app. Pending until `confirmTotp` or `expiresAt`. Until then `enableTotp` shows it again to the session that asked for it. */
export type TotpEnrollment = {
  /** When the secret is void unless it is confirmed before. */
  readonly expiresAt: string;
  /** The key URI that an authenticator app opens. */
  readonly otpauthUri: string;
  /** The same as a QR code: an SVG data URL. */
  readonly qrCode: string;
  /** Base32, for typing it in by hand. */
  readonly secret: string;
};

/** What the mail to the old address carried. */
export type UndoEmailChangeInput = {
  /** The `token` of its link. */
  readonly token: string;
};

/** What undoing a change can come to. */
export type UndoEmailChangeResult =
  | ({ readonly __typename: 'EmailChangeUndone' } & EmailChangeUndone)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** What the mail about the change carried. */
export type UndoSecurityChangeInput = {
  /** The `token` of its link. */
  readonly token: string;
};

/** The possible outcomes of undoing a change. */
export type UndoSecurityChangeResult =
  | ({ readonly __typename: 'SecurityChangeUndone' } & SecurityChangeUndone)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** What to unlink. */
export type UnlinkIdentityInput = {
  /** The `id` of one of `viewer.identities`. */
  readonly identityId: string;
};

/** What unlinking can come to. */
export type UnlinkIdentityResult =
  | ({ readonly __typename: 'IdentityUnlinked' } & IdentityUnlinked)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'LastCredentialError' } & LastCredentialError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** What to change. What is left out stays as it is. */
export type UpdateProfileInput = {
  /** What the person wants to be called, up to 200 characters; null and an empty text take it away. */
  readonly name?: string | null;
};

/** What changing the profile can come to. */
export type UpdateProfileResult =
  | ({ readonly __typename: 'ProfileUpdated' } & ProfileUpdated)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** A person with an account. */
export type User = {
  /** When the account was made. */
  readonly createdAt: string;
  /** The address they sign in with, in canonical form. */
  readonly email: string;
  /** True once a mail to this address came back. */
  readonly emailVerified: boolean;
  /** True when the account has a password. Without one, `requestPasswordReset` mails the way to set it. */
  readonly hasPassword: boolean;
  /** UUIDv7. Never changes, never reused. */
  readonly id: string;
  /** What they want to be called; null when they did not say. */
  readonly name: string | null;
  /** When anything of the profile last changed. */
  readonly updatedAt: string;
};

/** What the mail carried. */
export type VerifyEmailInput = {
  /** What the person wants to be called; used together with `password`. */
  readonly name?: string | null;
  /** The new password, for a browser without a `registrationToken` that counts (see `PasswordNeeded`). The present password of an account that has one keeps everything in the account. */
  readonly password?: string | null;
  /** The link’s token, or the code with its address. */
  readonly proof: EmailProof;
  /** The `registrationToken` of this browser for the address: its registration’s password is the one of the account. A code counts only with the token of the registration it was mailed to. */
  readonly registrationToken?: string | null;
};

/** What proving an address can come to. */
export type VerifyEmailResult =
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'PasswordNeeded' } & PasswordNeeded)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** The second factor that a challenge asks for. */
export type VerifyMfaInput = {
  /** The `challengeToken` of MfaRequired. */
  readonly challengeToken: string;
  /** TOTP: the 6 digits of the app. EMAIL: the 8 digits of the mail. BACKUP_CODE: the code, in any case. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** One of the challenge’s `methods`. */
  readonly method: MfaMethod;
};

/** What proving a second factor can come to. */
export type VerifyMfaResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'ChallengeExpiredError' } & ChallengeExpiredError)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The signed-in person and everything only they may see. Where this server asks for a second factor and the session has proven none, only `user`, `session` and `mfa` answer. */
export type Viewer = {
  /** Which second factors this person has. */
  readonly mfa: MfaStatus;
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
export const authSettings: Operation<AuthSettings, AuthSettingsVariables> = "#08dc816ed919488a53b081ebc8344b8c2042937fa50e347d0736eca1a2e4e25a\nquery AuthSettings { authSettings { emailVerificationRequired mfaMethods mfaRequired oauthProviders { id name } passwordMaxLength passwordMinLength } }";

/** What a mail’s token is for. Reads and never uses it up; null for one that is used, expired, voided or was never issued. An error with the code REFUSED when a link that undoes a change was looked at too often; the undo itself still works. */
export type MailedTokenVariables = { readonly token: string };
/** What a mail’s token is for. Reads and never uses it up; null for one that is used, expired, voided or was never issued. An error with the code REFUSED when a link that undoes a change was looked at too often; the undo itself still works. */
export const mailedToken: Operation<MailedToken | null, MailedTokenVariables> = "#292b9654ba66184c7930bf631f5040f8a1d3aa8a07c490fc250a93b934e1d96a\nquery MailedToken($token: String!) { mailedToken(token: $token) { email expiresAt ipAddress kind requestedAt stays { at detail type } undoes { at detail type } userAgent } }";

/** Who is signed in; null when nobody is. */
export type ViewerVariables = Record<string, never>;
/** Who is signed in; null when nobody is. */
export const viewer: Operation<Viewer | null, ViewerVariables> = "#65deaaaf4e81944b0d70f75819ae7565a7563a3643d8490551a07644cee3b716\nquery Viewer { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } }";

/** Accounts at providers that sign in to this one, oldest first. */
export type ViewerIdentitiesVariables = Record<string, never>;
/** Accounts at providers that sign in to this one, oldest first. */
export const viewerIdentities: Operation<{ readonly identities: readonly Identity[] } | null, ViewerIdentitiesVariables> = "#c2413271002cc13d160b160009a7f0e0aaddbf260489540224b28c64344db76a\nquery ViewerIdentities { viewer { identities { email id linkedAt provider { id name } } } }";

/** What happened on and around this account, newest first. */
export type ViewerSecurityEventsVariables = { readonly after?: string | null; readonly first?: number | null };
/** What happened on and around this account, newest first. */
export const viewerSecurityEvents: Operation<{ readonly securityEvents: SecurityEventConnection } | null, ViewerSecurityEventsVariables> = "#e8adf1d1a92beb7e24f877027a53310c956ba3288beb21e014657245373075a7\nquery ViewerSecurityEvents($after: String, $first: Int) { viewer { securityEvents(after: $after, first: $first) { edges { cursor node { at id ipAddress type userAgent } } pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } } }";

/** Every live session of this person, newest first. */
export type ViewerSessionsVariables = { readonly after?: string | null; readonly first?: number | null };
/** Every live session of this person, newest first. */
export const viewerSessions: Operation<{ readonly sessions: SessionConnection } | null, ViewerSessionsVariables> = "#44aae25edc26f3485a4a356e2f2178a11b57ef1f5a44b0f2f47dd7d57ca07f17\nquery ViewerSessions($after: String, $first: Int) { viewer { sessions(after: $after, first: $first) { edges { cursor node { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } } pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } } }";

/** Replaces the password. Ends every other session; this one goes on with the tokens it has. */
export type ChangePasswordVariables = { readonly input: ChangePasswordInput };
/** Replaces the password. Ends every other session; this one goes on with the tokens it has. */
export const changePassword: Operation<ChangePasswordResult, ChangePasswordVariables> = "#1fc98985eb7aba8b57cb52fdfdaa5c0bd63bc9b24f45e63e7b745da455c22064\nmutation ChangePassword($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on PasswordChanged { at deviceToken sessionsRevoked } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Completes what `startOAuth` began: signs in, or links. Works once. A link is completed with an access token of the session that began it. */
export type CompleteOAuthVariables = { readonly input: CompleteOAuthInput };
/** Completes what `startOAuth` began: signs in, or links. Works once. A link is completed with an access token of the session that began it. */
export const completeOAuth: Operation<CompleteOAuthResult, CompleteOAuthVariables> = "#87d509253cd4856e3ba36ae12d6d7206b7c280a372c96455491c02d3ce59a898\nmutation CompleteOAuth($input: CompleteOAuthInput!) { completeOAuth(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on IdentityLinked { identity { email id linkedAt provider { id name } } viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on AccountLinkRequiredError { provider } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Makes the change, for the person who asked for it and is signed in. Ends every other session; the old address is told and can undo it for 72 hours. */
export type ConfirmEmailChangeVariables = { readonly input: ConfirmEmailChangeInput };
/** Makes the change, for the person who asked for it and is signed in. Ends every other session; the old address is told and can undo it for 72 hours. */
export const confirmEmailChange: Operation<ConfirmEmailChangeResult, ConfirmEmailChangeVariables> = "#7f77b3e74d3364a28bfab34138581ab93062078034ad00f502b5d05c018992a5\nmutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { __typename ... on EmailChanged { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Enables codes by mail, on the session that asked for them. Ends every other session. */
export type ConfirmEmailMfaVariables = { readonly input: ConfirmEmailMfaInput };
/** Enables codes by mail, on the session that asked for them. Ends every other session. */
export const confirmEmailMfa: Operation<ConfirmEmailMfaResult, ConfirmEmailMfaVariables> = "#a8969545dfc875975c1cd43fc32da7c938537cc8260dc4a971cd3aa69655ef87\nmutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) { confirmEmailMfa(input: $input) { __typename ... on MfaEnabled { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Enables the authenticator app with one of its codes, in the session that called `enableTotp`. Ends every other session. */
export type ConfirmTotpVariables = { readonly input: ConfirmTotpInput };
/** Enables the authenticator app with one of its codes, in the session that called `enableTotp`. Ends every other session. */
export const confirmTotp: Operation<ConfirmTotpResult, ConfirmTotpVariables> = "#6e2f1e9eac646a303363d56e28cfcb447e66bff31da7b3477d4cf48c6f4485f0\nmutation ConfirmTotp($input: ConfirmTotpInput!) { confirmTotp(input: $input) { __typename ... on MfaEnabled { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Deletes the account for good: sessions, factors, profile and mails with it. */
export type DeleteAccountVariables = Record<string, never>;
/** Deletes the account for good: sessions, factors, profile and mails with it. */
export const deleteAccount: Operation<DeleteAccountResult, DeleteAccountVariables> = "#20fb8642024a0ce14e80c24b281a36ad35603424c737928cb52605b844725ff3\nmutation DeleteAccount { deleteAccount { __typename ... on AccountDeleted { at } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Removes codes by mail; with the last factor the backup codes go. Ends every other session. */
export type DisableEmailMfaVariables = Record<string, never>;
/** Removes codes by mail; with the last factor the backup codes go. Ends every other session. */
export const disableEmailMfa: Operation<DisableEmailMfaResult, DisableEmailMfaVariables> = "#71f44250c78036f1a9216f63ed4a384b4353302b2fa044815f8997db6d5231e7\nmutation DisableEmailMfa { disableEmailMfa { __typename ... on MfaDisabled { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Removes the authenticator app; with the last factor the backup codes go. Ends every other session. */
export type DisableTotpVariables = Record<string, never>;
/** Removes the authenticator app; with the last factor the backup codes go. Ends every other session. */
export const disableTotp: Operation<DisableTotpResult, DisableTotpVariables> = "#ebec5ecb1d35f3aa69f123b58ae29da166b98c231423f15ee9fabf5a55c6028b\nmutation DisableTotp { disableTotp { __typename ... on MfaDisabled { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Begins to set up codes by mail: mails one to the account’s address. */
export type EnableEmailMfaVariables = Record<string, never>;
/** Begins to set up codes by mail: mails one to the account’s address. */
export const enableEmailMfa: Operation<EnableEmailMfaResult, EnableEmailMfaVariables> = "#a0a3cb10864a363a345d2338ebb045522706afb4fb71aaa70bc059b43ed2d66c\nmutation EnableEmailMfa { enableEmailMfa { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Begins to set up an authenticator app. No sign-in asks for a code of it until `confirmTotp`. If the same session asks again from the same network before the secret expires, it gets the same secret. Any other session gets a new secret, which voids the older one. */
export type EnableTotpVariables = Record<string, never>;
/** Begins to set up an authenticator app. No sign-in asks for a code of it until `confirmTotp`. If the same session asks again from the same network before the secret expires, it gets the same secret. Any other session gets a new secret, which voids the older one. */
export const enableTotp: Operation<EnableTotpResult, EnableTotpVariables> = "#893e65d21ac023456d437df066cfe041d65979fa7828a0922bd0d79a07a2decb\nmutation EnableTotp { enableTotp { __typename ... on TotpEnrollment { expiresAt otpauthUri qrCode secret } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Signs in with an address and a password. */
export type LoginVariables = { readonly input: LoginInput };
/** Signs in with an address and a password. */
export const login: Operation<LoginResult, LoginVariables> = "#023e2e70a53a105c195aaacd0a90991c5461c33a5b8a0b426cadc55eefbaee5a\nmutation Login($input: LoginInput!) { login(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Ends the session making this request. */
export type LogoutVariables = Record<string, never>;
/** Ends the session making this request. */
export const logout: Operation<LogoutResult, LogoutVariables> = "#11658524afdf3336939179b4966c5e26b13e4722e233dcc491e8cda0f65ef08b\nmutation Logout { logout { __typename ... on SignedOut { at } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Proves again who holds this session, before something sensitive. The session goes on with new tokens and a fresh `authenticatedAt`. */
export type ReauthenticateVariables = { readonly input: ReauthenticateInput };
/** Proves again who holds this session, before something sensitive. The session goes on with new tokens and a fresh `authenticatedAt`. */
export const reauthenticate: Operation<ReauthenticateResult, ReauthenticateVariables> = "#87c25d49356c1214407f54efcb072b93ea04e331aa1a90af4ffff8553b834f42\nmutation Reauthenticate($input: ReauthenticateInput!) { reauthenticate(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Exchanges a refresh token for a new pair. It works once; sent again within seconds it yields the same successor, later it ends the session. */
export type RefreshTokenVariables = { readonly input?: RefreshTokenInput | null };
/** Exchanges a refresh token for a new pair. It works once; sent again within seconds it yields the same successor, later it ends the session. */
export const refreshToken: Operation<RefreshTokenResult, RefreshTokenVariables> = "#9b8bbd7f09821bf4a383ff4bc2dfda948e119bce43baadf0c7ab88fd5c4bfb53\nmutation RefreshToken($input: RefreshTokenInput) { refreshToken(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Makes a new set of backup codes; the older one is void at once. */
export type RegenerateBackupCodesVariables = Record<string, never>;
/** Makes a new set of backup codes; the older one is void at once. */
export const regenerateBackupCodes: Operation<RegenerateBackupCodesResult, RegenerateBackupCodesVariables> = "#bcbf577479ed70fbbd5d10b0f2b1ef0cce18b6213bbc0e0833bb7513596bb5dc\nmutation RegenerateBackupCodes { regenerateBackupCodes { __typename ... on BackupCodesGenerated { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Asks for an account. By default the address must be proven first, and the answer is the same whether it is taken or free. */
export type RegisterVariables = { readonly input: RegisterInput };
/** Asks for an account. By default the address must be proven first, and the answer is the same whether it is taken or free. */
export const register: Operation<RegisterResult, RegisterVariables> = "#5b236600e917b05682c662f31ffecb6375f9522df10450f6813968472a604e78\nmutation Register($input: RegisterInput!) { register(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Mails a proof to the new address and a notice with a way to stop it to the old one. The answer is the same whether the new address is taken. */
export type RequestEmailChangeVariables = { readonly input: RequestEmailChangeInput };
/** Mails a proof to the new address and a notice with a way to stop it to the old one. The answer is the same whether the new address is taken. */
export const requestEmailChange: Operation<RequestEmailChangeResult, RequestEmailChangeVariables> = "#6c1211bc7d4ee3a2e5693d24873adeda822f2e7134c57ea2951bc76897deaf30\nmutation RequestEmailChange($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Mails the way to a new password. The answer is the same whether anybody has this address; nothing changes on the account. */
export type RequestPasswordResetVariables = { readonly input: RequestPasswordResetInput };
/** Mails the way to a new password. The answer is the same whether anybody has this address; nothing changes on the account. */
export const requestPasswordReset: Operation<RequestPasswordResetResult, RequestPasswordResetVariables> = "#ac9faa191d9d9f27939e5816f0144ea4eaeb34ca40e895b27cb6082f40e9c0c1\nmutation RequestPasswordReset($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Mails the proof of an address again. Mails to one address do not void one another. The answer is the same whether anybody waits for it. */
export type ResendEmailVerificationVariables = { readonly input: ResendEmailVerificationInput };
/** Mails the proof of an address again. Mails to one address do not void one another. The answer is the same whether anybody waits for it. */
export const resendEmailVerification: Operation<ResendEmailVerificationResult, ResendEmailVerificationVariables> = "#b66e99722ca7ec93fc8909995c1a1b293b93ee11f3eedf9dc700302ee903bb8b\nmutation ResendEmailVerification($input: ResendEmailVerificationInput!) { resendEmailVerification(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Sets a new password with what the mail carried. Ends every session and signs nobody in; second factors stay. */
export type ResetPasswordVariables = { readonly input: ResetPasswordInput };
/** Sets a new password with what the mail carried. Ends every session and signs nobody in; second factors stay. */
export const resetPassword: Operation<ResetPasswordResult, ResetPasswordVariables> = "#8aaab6e3ddf54660f2d3f2888740efb66e3d31842aae56c84b67d78189a5cd73\nmutation ResetPassword($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename ... on PasswordChanged { at deviceToken sessionsRevoked } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Ends every session of the person but the one making this request. */
export type RevokeOtherSessionsVariables = Record<string, never>;
/** Ends every session of the person but the one making this request. */
export const revokeOtherSessions: Operation<RevokeOtherSessionsResult, RevokeOtherSessionsVariables> = "#8520c3b1b6ae417d4a2c981f6e1bb205b735ced1f26b4d7979c44e1e6c6be513\nmutation RevokeOtherSessions { revokeOtherSessions { __typename ... on SessionsRevoked { count viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Ends one of the person’s own sessions, this one included. */
export type RevokeSessionVariables = { readonly input: RevokeSessionInput };
/** Ends one of the person’s own sessions, this one included. */
export const revokeSession: Operation<RevokeSessionResult, RevokeSessionVariables> = "#a1ee0b4ce406b8a00fa7e8a023074186e81bf8c87201f3b03135bff308f3edae\nmutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename ... on SessionsRevoked { count viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Mails a code for a challenge that offers EMAIL, up to three times. It is good until the challenge is over; a newer one voids the older and brings no new tries. */
export type SendMfaEmailCodeVariables = { readonly input: SendMfaEmailCodeInput };
/** Mails a code for a challenge that offers EMAIL, up to three times. It is good until the challenge is over; a newer one voids the older and brings no new tries. */
export const sendMfaEmailCode: Operation<SendMfaEmailCodeResult, SendMfaEmailCodeVariables> = "#7294d9c74bc80b522f9f57bfa20ecbbce1063c81c31d061c6f5da773754f2982\nmutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) { sendMfaEmailCode(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Mails a code for `reauthenticate` on this session, where StepUpRequiredError offers EMAIL. It is good for ten minutes; a newer one voids the older. */
export type SendReauthenticationCodeVariables = Record<string, never>;
/** Mails a code for `reauthenticate` on this session, where StepUpRequiredError offers EMAIL. It is good for ten minutes; a newer one voids the older. */
export const sendReauthenticationCode: Operation<SendReauthenticationCodeResult, SendReauthenticationCodeVariables> = "#a45622c8ee4778f7e0fee66211e0157f607548e397d7cd25bc38f40be782c605\nmutation SendReauthenticationCode { sendReauthenticationCode { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Begins signing in with a provider. With an access token it begins linking the provider to that account instead, which needs a fresh proof (`StepUpRequiredError`). */
export type StartOAuthVariables = { readonly input: StartOAuthInput };
/** Begins signing in with a provider. With an access token it begins linking the provider to that account instead, which needs a fresh proof (`StepUpRequiredError`). */
export const startOAuth: Operation<StartOAuthResult, StartOAuthVariables> = "#37d4228540982419dfadd9b5f9638ebe0e13679ca319baa447c8a33279892f9f\nmutation StartOAuth($input: StartOAuthInput!) { startOAuth(input: $input) { __typename ... on OAuthStarted { authorizationUrl expiresAt flowToken links } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Gives the account its old address back, or stops a change that still waits for its proof, and undoes everything that the same sessions added, as `undoSecurityChange` does. Ends every session, removes the password and signs nobody in. Show `mailedToken` first and ask for a click. */
export type UndoEmailChangeVariables = { readonly input: UndoEmailChangeInput };
/** Gives the account its old address back, or stops a change that still waits for its proof, and undoes everything that the same sessions added, as `undoSecurityChange` does. Ends every session, removes the password and signs nobody in. Show `mailedToken` first and ask for a click. */
export const undoEmailChange: Operation<UndoEmailChangeResult, UndoEmailChangeVariables> = "#67829088b96ddf3a4d60e2694750b53b55fe6f583d0479957ca3d3605e1c7af4\nmutation UndoEmailChange($input: UndoEmailChangeInput!) { undoEmailChange(input: $input) { __typename ... on EmailChangeUndone { at email sessionsRevoked } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Undoes the change that a mail told of, within 72 hours, and everything that the same sessions added: linked accounts, second factors, backup codes, a change of address. What they removed comes back. Ends every session, removes the password and signs nobody in. Show `mailedToken` first and ask for a click. */
export type UndoSecurityChangeVariables = { readonly input: UndoSecurityChangeInput };
/** Undoes the change that a mail told of, within 72 hours, and everything that the same sessions added: linked accounts, second factors, backup codes, a change of address. What they removed comes back. Ends every session, removes the password and signs nobody in. Show `mailedToken` first and ask for a click. */
export const undoSecurityChange: Operation<UndoSecurityChangeResult, UndoSecurityChangeVariables> = "#c738272a0560d63c1b8e228cc76791e15e6b947ea09c726891cf470425dafecb\nmutation UndoSecurityChange($input: UndoSecurityChangeInput!) { undoSecurityChange(input: $input) { __typename ... on SecurityChangeUndone { restored { at detail type } sessionsRevoked stays { at detail type } undone { at detail type } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Unlinks an account at a provider, unless it is the only way to sign in. */
export type UnlinkIdentityVariables = { readonly input: UnlinkIdentityInput };
/** Unlinks an account at a provider, unless it is the only way to sign in. */
export const unlinkIdentity: Operation<UnlinkIdentityResult, UnlinkIdentityVariables> = "#0d66a14b48c85b5f4638f9e6d868b4719468950a708ba6b8d56d251a9e6f1ba6\nmutation UnlinkIdentity($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { __typename ... on IdentityUnlinked { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Changes what a person says of themself. */
export type UpdateProfileVariables = { readonly input: UpdateProfileInput };
/** Changes what a person says of themself. */
export const updateProfile: Operation<UpdateProfileResult, UpdateProfileVariables> = "#42079ad01353f284567405bb4f1ac1b86b798886d3bfdad8c15f732ffe2e1c69\nmutation UpdateProfile($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename ... on ProfileUpdated { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Proves an address and signs in; a person with a second factor is then asked for it. */
export type VerifyEmailVariables = { readonly input: VerifyEmailInput };
/** Proves an address and signs in; a person with a second factor is then asked for it. */
export const verifyEmail: Operation<VerifyEmailResult, VerifyEmailVariables> = "#1d735123728d137fa28b12bcf2d2d1c39eeb50f486677cca6dfdd8643d2de2a7\nmutation VerifyEmail($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename ... on MfaRequired { challengeToken expiresAt methods } ... on PasswordNeeded { email } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Completes a sign-in with the second factor. A challenge takes five tries over all methods, and an account thirty wrong ones a day. */
export type VerifyMfaVariables = { readonly input: VerifyMfaInput };
/** Completes a sign-in with the second factor. A challenge takes five tries over all methods, and an account thirty wrong ones a day. */
export const verifyMfa: Operation<VerifyMfaResult, VerifyMfaVariables> = "#b99766bfbabbed7070c6635a1b80fcd472bff4b78b2ca643ac2ca4b735d9280d\nmutation VerifyMfa($input: VerifyMfaInput!) { verifyMfa(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired totp } session { authenticatedAt createdAt current expiresAt id ipAddress lastUsedAt methods userAgent } user { createdAt email emailVerified hasPassword id name updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

