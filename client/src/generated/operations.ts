// Generated from the schema by `npm run client:operations`. Do not edit.

import type { Operation } from '../operation.ts';

/** The token of the invitation, and what the invited person chooses. */
export type AcceptInvitationInput = {
  /** The name that the person wants to be called by. Without it, the account has the name that the administrator gave. */
  readonly name?: string | null;
  /** The new password. See `authSettings` for its length. Without it the result is PasswordNeeded, and the invitation stays valid. */
  readonly password?: string | null;
  /** The `token` of the link in the mail. */
  readonly token: string;
};

/** The possible outcomes of `acceptInvitation`. */
export type AcceptInvitationResult =
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'PasswordNeeded' } & PasswordNeeded)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** The account and all its personal data were deleted. A last mail confirms it. */
export type AccountDeleted = {
  /** When the account was deleted. */
  readonly at: string;
};

/** An account with this address exists, and this provider is not linked to it. Sign in to the account as before, then call `startOAuth` with the access token to link the provider. */
export type AccountLinkRequiredError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
  /** The name of the provider. */
  readonly provider: string;
};

/** What this server offers and requires, for building a sign-in page. */
export type AuthSettings = {
  /** Who can sign in by mail, with `requestEmailSignIn`. */
  readonly emailSignIn: EmailSignInMode;
  /** True if an email address must be verified before its account can sign in. */
  readonly emailVerificationRequired: boolean;
  /** The second factors that this server supports. */
  readonly mfaMethods: readonly MfaMethod[];
  /** True if everyone needs two-step verification. A person who signs in without a second factor then gets a session that can only set one up: see `MfaStatus.enrollmentRequired`. */
  readonly mfaRequired: boolean;
  /** The providers that people can sign in with. */
  readonly oauthProviders: readonly OAuthProvider[];
  /** True if people can add passkeys and sign in with them. */
  readonly passkeys: boolean;
  /** The maximum number of characters in a password. */
  readonly passwordMaxLength: number;
  /** The minimum number of characters in a new password. */
  readonly passwordMinLength: number;
};

/** A new set of backup codes. The old codes no longer work. */
export type BackupCodesGenerated = {
  /** Ten backup codes, never shown again. Each works once. */
  readonly backupCodes: readonly string[];
  /** The person, with the new set. */
  readonly viewer: Viewer;
};

/** The challenge has ended: after five minutes, five attempts, one success or a change of the password. Sign in again. */
export type ChallengeExpiredError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The current password and the new one. */
export type ChangePasswordInput = {
  /** The current password. */
  readonly currentPassword: string;
  /** The new password. See `authSettings` for its length. */
  readonly newPassword: string;
};

/** The possible outcomes of `changePassword`. */
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

/** The proof from the mail. */
export type CompleteEmailSignInInput = {
  /** The token of the link, or the code. */
  readonly proof: EmailSignInProofInput;
};

/** The possible outcomes of `completeEmailSignIn`. */
export type CompleteEmailSignInResult =
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The token with which an administrator may act as a person. */
export type CompleteHandoverInput = {
  /** The token that the administrator was given. */
  readonly handoverToken: string;
};

/** The possible outcomes of `completeHandover`. */
export type CompleteHandoverResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The flow token that the browser kept, and the URL it came back with. */
export type CompleteOAuthInput = {
  /** The whole URL that the provider sent the browser back to, with its query unchanged. A fragment is ignored. Send it also if the provider reports an error. */
  readonly callbackUrl: string;
  /** The `flowToken` of `startOAuth`. */
  readonly flowToken: string;
};

/** The possible outcomes of `completeOAuth`. */
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

/** The new passkey. */
export type CompletePasskeyEnrollmentInput = {
  /** True to make the passkeys of this person a second factor, too: signing in with a password then asks for one. It also ends `MfaStatus.enrollmentRequired` in this session. */
  readonly alsoSecondFactor?: boolean;
  /** What `navigator.credentials.create` returned. */
  readonly attestation: PasskeyAttestationInput;
  /** The `ceremonyToken` of `startPasskeyEnrollment`. */
  readonly ceremonyToken: string;
  /** The name by which the person knows it, 1 to 200 characters. By default the name of the authenticator, or `Passkey`. */
  readonly name?: string | null;
};

/** The possible outcomes of `completePasskeyEnrollment`. */
export type CompletePasskeyEnrollmentResult =
  | ({ readonly __typename: 'PasskeyAdded' } & PasskeyAdded)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidPasskeyError' } & InvalidPasskeyError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'PasskeyLimitError' } & PasskeyLimitError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The proof with a passkey. */
export type CompletePasskeySignInInput = {
  /** The token of `startPasskeySignIn`, and the result of the browser. */
  readonly proof: PasskeyProofInput;
};

/** The possible outcomes of `completePasskeySignIn`. */
export type CompletePasskeySignInResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidPasskeyError' } & InvalidPasskeyError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The proof from the mail to the new address. */
export type ConfirmEmailChangeInput = {
  /** The token of the link, or the code and the new address. */
  readonly proof: EmailProof;
};

/** The possible outcomes of `confirmEmailChange`. */
export type ConfirmEmailChangeResult =
  | ({ readonly __typename: 'EmailChanged' } & EmailChanged)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The code that `enableEmailMfa` mailed. */
export type ConfirmEmailMfaInput = {
  /** The code of 8 digits. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
};

/** The possible outcomes of `confirmEmailMfa`. */
export type ConfirmEmailMfaResult =
  | ({ readonly __typename: 'MfaEnabled' } & MfaEnabled)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MailboxOnlyError' } & MailboxOnlyError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The first code from a new authenticator app. */
export type ConfirmTotpInput = {
  /** The 6 digits that the app shows now. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
};

/** The possible outcomes of `confirmTotp`. */
export type ConfirmTotpResult =
  | ({ readonly __typename: 'MfaEnabled' } & MfaEnabled)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `deleteAccount`. */
export type DeleteAccountResult =
  | ({ readonly __typename: 'AccountDeleted' } & AccountDeleted)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `disableEmailMfa`. */
export type DisableEmailMfaResult =
  | ({ readonly __typename: 'MfaDisabled' } & MfaDisabled)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `disablePasskeyMfa`. */
export type DisablePasskeyMfaResult =
  | ({ readonly __typename: 'MfaDisabled' } & MfaDisabled)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `disableTotp`. */
export type DisableTotpResult =
  | ({ readonly __typename: 'MfaDisabled' } & MfaDisabled)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The account has its old address back, and no change of the address is pending. Every session was ended and the password was removed. Reset the password next. */
export type EmailChangeUndone = {
  /** When the change was undone. */
  readonly at: string;
  /** The address of the account: the address that the link was mailed to. */
  readonly email: string;
  /** The number of sessions that were ended. */
  readonly sessionsRevoked: number;
};

/** The account now uses the new address. Every other session was ended. */
export type EmailChanged = {
  /** The person, with the new address. */
  readonly viewer: Viewer;
};

/** The code from a mail, and the address that the mail was sent to. */
export type EmailCodeInput = {
  /** The code of 8 digits. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** The address that the mail was sent to. */
  readonly email: string;
};

/** The proof from a mail: either the token of its link, or its code and the address that the mail was sent to. */
export type EmailProof =
  | { readonly code: EmailCodeInput; readonly token?: never; }
  | { readonly token: string; readonly code?: never; };

/** The request was accepted. The answer does not reveal whether a mail was sent. */
export type EmailSent = {
  /** The requested address, in canonical form. */
  readonly email: string;
  /** When the link or the code in such a mail expires. */
  readonly expiresAt: string;
  /** When another mail can be requested. Only requests made through this API count, so the value reveals nothing about the address. */
  readonly resendableAt: string;
  /** Only from `requestPasswordReset`: a secret of this browser. The code in the mail works only together with it; send it with `resetPassword`. Every address gets one, whether or not a mail was sent, and it proves nothing by itself. Never put it in a URL. */
  readonly resetToken: string | null;
};

/** The code from a mail, and the token of the browser that requested the mail. */
export type EmailSignInCodeInput = {
  /** The code of 8 digits. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** The `emailSignInToken` of the request that mailed the code. The code works with no other. */
  readonly emailSignInToken: string;
};

/** Who can sign in by mail. */
export type EmailSignInMode = 'EXISTING' | 'OFF' | 'REGISTER';

/** The proof from a mail: either the token of its link, or its code with the token of the browser that requested it. */
export type EmailSignInProofInput =
  | { readonly code: EmailSignInCodeInput; readonly token?: never; }
  | { readonly token: string; readonly code?: never; };

/** The request was accepted. The answer is the same for every address and does not reveal whether a mail was sent. */
export type EmailSignInStarted = {
  /** The requested address, in canonical form. */
  readonly email: string;
  /** A secret of this browser. The code in the mail works only together with it: send it with `completeEmailSignIn`. It proves nothing by itself. Never put it in a URL. */
  readonly emailSignInToken: string;
  /** When the link in such a mail expires. The code expires with it, and after ten minutes at the latest. */
  readonly expiresAt: string;
  /** When another mail can be requested. Only requests made through this API count, so the value reveals nothing about the address. */
  readonly resendableAt: string;
};

/** An account with this address already exists. Returned only if EMAIL_VERIFICATION is optional; otherwise a mail to the address says so. */
export type EmailTakenError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The email address must be verified first. A mail with a link and a code is on its way. The answer is the same for every address. */
export type EmailVerificationRequired = {
  /** The address that the mail is sent to, in canonical form. */
  readonly email: string;
  /** When the link in the mail expires. The code expires after ten minutes. */
  readonly expiresAt: string;
  /** A secret of this browser. Store it under the address until the address is verified, in a place that every tab of the browser can read (localStorage). Send it with `verifyEmail`, `resendEmailVerification`, `register` and `login`: it makes the password chosen in this browser the password of the account. It is not a session and proves nothing by itself. Never put it in a URL. */
  readonly registrationToken: string;
  /** When the mail can be requested again. Only requests made through this API count, so the value reveals nothing about the address. */
  readonly resendableAt: string;
};

/** The possible outcomes of `enableEmailMfa`. */
export type EnableEmailMfaResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MailboxOnlyError' } & MailboxOnlyError)
  | ({ readonly __typename: 'MfaAlreadyEnabledError' } & MfaAlreadyEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `enablePasskeyMfa`. */
export type EnablePasskeyMfaResult =
  | ({ readonly __typename: 'MfaEnabled' } & MfaEnabled)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaAlreadyEnabledError' } & MfaAlreadyEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `enableTotp`. */
export type EnableTotpResult =
  | ({ readonly __typename: 'TotpEnrollment' } & TotpEnrollment)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaAlreadyEnabledError' } & MfaAlreadyEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** An account at a provider that can be used to sign in to this account. */
export type Identity = {
  /** The email address that the provider reported at linking, only to tell two linked accounts apart. Null if it reported none. */
  readonly email: string | null;
  /** A UUIDv7. Pass it to `unlinkIdentity`. */
  readonly id: string;
  /** When it was linked. */
  readonly linkedAt: string;
  /** The provider. A provider that is no longer offered is named by its host. */
  readonly provider: OAuthProvider;
};

/** The account at the provider was linked and can be used to sign in. */
export type IdentityLinked = {
  /** The linked account at the provider. */
  readonly identity: Identity;
  /** The person it is linked to. */
  readonly viewer: Viewer;
};

/** The account at the provider was unlinked and can no longer be used to sign in. Existing sessions continue. */
export type IdentityUnlinked = {
  /** The person, with the remaining linked accounts. */
  readonly viewer: Viewer;
};

/** An administrator acts as the person in this session (`Session.impersonatedBy`). It reads and signs out, and changes nothing. */
export type ImpersonatedSessionError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** One invalid field of the input. */
export type InputIssue = {
  /** The rule that the value breaks. Never contains the value. */
  readonly message: string;
  /** The path of the field, starting at the argument, e.g. `["input", "email"]`. */
  readonly path: readonly string[];
};

/** The code is wrong, was already used, has expired, or belongs to a method that this person does not have. The answer is the same in all cases. */
export type InvalidCodeError = {
  /** The number of attempts left; null if they are not counted per challenge. */
  readonly attemptsRemaining: number | null;
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The email address or the password is wrong, no such account exists, or the account has no password. The answer is the same in all cases. */
export type InvalidCredentialsError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** A field of the input is invalid. Nothing was changed. */
export type InvalidInputError = {
  /** Every invalid field. */
  readonly issues: readonly InputIssue[];
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The passkey could not be verified. It is unknown, was removed or belongs to someone else, the ceremony is late or was presented before, or the proof is wrong. The answer is the same in all cases; the server’s log and audit log contain the reason. Start again. */
export type InvalidPasskeyError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The token was used, has expired, was replaced by a newer one or was never issued. The answer is the same in all cases. */
export type InvalidTokenError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** This is the only way to sign in to the account, or the last second factor where this server requires one. Set a password (with a password reset) or add another way first. */
export type LastCredentialError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** An email address and a password. */
export type LoginInput = {
  /** The `deviceToken` of an earlier sign-in on this device, if there is one. With it, strangers who guess the account’s password cannot make this device wait. In cookie mode the cookie carries it. */
  readonly deviceToken?: string | null;
  /** The email address of the account. */
  readonly email: string;
  /** The password, exactly as it was chosen. */
  readonly password: string;
  /** The `registrationToken` of this browser for the address, if the person registered here and has not verified the address yet. The password of that registration then returns `EmailVerificationRequired`. The password of any other pending registration counts as wrong. */
  readonly registrationToken?: string | null;
};

/** The possible outcomes of `login`. */
export type LoginResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidCredentialsError' } & InvalidCredentialsError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The possible outcomes of `logout`. */
export type LogoutResult =
  | ({ readonly __typename: 'SignedOut' } & SignedOut)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The mailbox is the only way to sign in to this account, so a code by email would not be a second factor. Set up an authenticator app, or first add another way to sign in. */
export type MailboxOnlyError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The purpose of the token in a mail’s link, so that a page can ask for confirmation before it uses the token. */
export type MailedToken = {
  /** The address that the mail was sent to. */
  readonly email: string;
  /** When the token expires. */
  readonly expiresAt: string;
  /** The IP address that the mail was requested from; null if unknown. */
  readonly ipAddress: string | null;
  /** The purpose of the token. */
  readonly kind: MailedTokenKind;
  /** When the mail was requested. */
  readonly requestedAt: string;
  /** For a link that undoes a change: older ways of signing in that were used in those sessions and would stay. */
  readonly stays: readonly SecurityChange[];
  /** For a link that undoes a change: what it would undo now. It also removes the password, whoever set it. */
  readonly undoes: readonly SecurityChange[];
  /** The browser or app that requested the mail, as its `User-Agent` header names it. */
  readonly userAgent: string | null;
};

/** The purpose of the link in a mail. */
export type MailedTokenKind = 'CONFIRM_EMAIL_CHANGE' | 'EMAIL_SIGN_IN' | 'INVITATION' | 'RESET_PASSWORD' | 'UNDO_EMAIL_CHANGE' | 'UNDO_SECURITY_CHANGE' | 'VERIFY_EMAIL';

/** This second factor is already enabled. Disable it first to set it up again. */
export type MfaAlreadyEnabledError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** A second factor was disabled. Every other session was ended. */
export type MfaDisabled = {
  /** The person, without that factor. */
  readonly viewer: Viewer;
};

/** A second factor was enabled. Every other session was ended. */
export type MfaEnabled = {
  /** Ten backup codes, returned only when the first second factor is enabled and never shown again. Null if the person already has a set. */
  readonly backupCodes: readonly string[] | null;
  /** The person, with the new factor. */
  readonly viewer: Viewer;
};

/** This server requires two-step verification, and this session has not proven a second factor. Until it does, it can only set one up (`enableTotp`, `confirmTotp`, `enableEmailMfa`, `confirmEmailMfa`, `startPasskeyEnrollment`, `completePasskeyEnrollment`, `enablePasskeyMfa`), prove one (`startPasskeyReauthentication`, `sendReauthenticationCode`, `reauthenticate`) or sign out. */
export type MfaEnrollmentRequiredError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** A kind of second factor. */
export type MfaMethod = 'BACKUP_CODE' | 'EMAIL' | 'PASSKEY' | 'TOTP';

/** This second factor is not enabled, or no confirmation is pending. */
export type MfaNotEnabledError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The first factor was correct, and a second factor is required. This is not a session: it gives access to `verifyMfa` and `sendMfaEmailCode` only. */
export type MfaRequired = {
  /** An opaque token that stands for the first factor. Keep it in this browser. */
  readonly challengeToken: string;
  /** When the challenge expires. Five wrong codes end it sooner. */
  readonly expiresAt: string;
  /** The second factors that complete this challenge: PASSKEY with `verifyPasskeyMfa`, the others with `verifyMfa`. EMAIL is not among them if the first factor came from the same mailbox. The list is empty if no method remains: sign in with the password then. After a password reset by mail, the password counts as coming from that mailbox too; if the list is empty even then, only an operator can help. */
  readonly methods: readonly MfaMethod[];
};

/** The state of a person’s two-step verification. */
export type MfaStatus = {
  /** The number of unused backup codes. Zero for a person without a second factor. */
  readonly backupCodesRemaining: number;
  /** True if codes by email are set up. */
  readonly email: boolean;
  /** True if signing in requires a second factor. */
  readonly enabled: boolean;
  /** True while this server requires two-step verification (`authSettings.mfaRequired`) and this session has not proven a second factor. The session can then only set one up, prove one with `reauthenticate`, or sign out. Every other operation returns MfaEnrollmentRequiredError, and no other service accepts the access token. Refresh the token afterwards. */
  readonly enrollmentRequired: boolean;
  /** True if signing in with a password asks for a passkey as a second factor. */
  readonly passkey: boolean;
  /** True if an authenticator app is set up. */
  readonly totp: boolean;
};

/** The request has no valid session: the access token is missing, expired or revoked. */
export type NotAuthenticatedError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The object does not exist or belongs to someone else. The answer is the same in both cases. */
export type NotFoundError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** A brand whose mark a button can show. */
export type OAuthBrand = 'APPLE' | 'DISCORD' | 'FACEBOOK' | 'GITHUB' | 'GITLAB' | 'GOOGLE' | 'LINKEDIN' | 'MICROSOFT' | 'SLACK' | 'TWITCH' | 'X';

/** The person canceled at the provider, or the provider did not let them continue. The configuration is fine: offer the ways of signing in again. */
export type OAuthCancelledError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** Signing in with the provider failed. The reasons are an error from the provider (except a cancellation: OAuthCancelledError), a callback that belongs to no flow of this browser, an invalid ID token, or an email address that the provider has not verified. Except for `reason`, the answer is the same in all cases; the server’s log and audit log contain the reason. */
export type OAuthFailedError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
  /** Set if a person without an account cannot get one through this provider. Null for every other failure. */
  readonly reason: OAuthFailureReason | null;
};

/** Why an account at a provider cannot be used to sign up. The person can change this at the provider, or sign up with their address and link the provider afterwards. */
export type OAuthFailureReason = 'EMAIL_MISSING' | 'EMAIL_NOT_VERIFIED';

/** A provider that people can sign in with. */
export type OAuthProvider = {
  /** The brand whose mark the button shows. Null for a provider without a known one. */
  readonly brand: OAuthBrand | null;
  /** The id of the provider. Pass it to `startOAuth` as `provider`. */
  readonly id: string;
  /** The name of the provider, for a button. */
  readonly name: string;
};

/** Send the browser to `authorizationUrl`. Keep `flowToken` in that browser (session storage): it ties the provider’s answer to the browser. */
export type OAuthStarted = {
  /** The URL of the provider’s page, with state, nonce and PKCE challenge. */
  readonly authorizationUrl: string;
  /** When the flow expires. The browser must be back by then. */
  readonly expiresAt: string;
  /** A secret of this browser, for `completeOAuth`. Never put it in a URL. */
  readonly flowToken: string;
  /** True if this flow links the provider to the signed-in account. False if it signs in: the request then had no valid access token. */
  readonly links: boolean;
};

/** The position of a page (Relay Cursor Connections). */
export type PageInfo = {
  /** The cursor of the last edge; null on an empty page. Pass it as `after` to get the next page. */
  readonly endCursor: string | null;
  /** True if more items follow. */
  readonly hasNextPage: boolean;
  /** True if the page was requested with a cursor. */
  readonly hasPreviousPage: boolean;
  /** The cursor of the first edge; null on an empty page. */
  readonly startCursor: string | null;
};

/** A passkey: a key pair in an authenticator of the person, such as a telephone, a password manager or a security key. The server has its public key only. */
export type Passkey = {
  /** When it was added. */
  readonly createdAt: string;
  /** A UUIDv7. */
  readonly id: string;
  /** When it was last used; null if it never was. */
  readonly lastUsedAt: string | null;
  /** The name by which the person knows it. By default the name of the authenticator, or `Passkey`. */
  readonly name: string;
  /** The product name, looked up by the AAGUID; null if unknown. It is not attested, so use it for display only. */
  readonly provider: string | null;
  /** True if it can be synced to the person’s other devices. False for a passkey that is bound to one device. */
  readonly synced: boolean;
};

/** The passkey was added. Every other session of the person has ended. */
export type PasskeyAdded = {
  /** Ten backup codes, returned only if the passkey became the first second factor and never shown again. Otherwise null. */
  readonly backupCodes: readonly string[] | null;
  /** The new passkey. */
  readonly passkey: Passkey;
  /** The person, with the new passkey. */
  readonly viewer: Viewer;
};

/** What `navigator.credentials.get` returned: `toJSON().id` and the members of `toJSON().response`, all in base64url. */
export type PasskeyAssertionInput = {
  /** `response.authenticatorData`. */
  readonly authenticatorData: string;
  /** `response.clientDataJSON`. */
  readonly clientDataJSON: string;
  /** The id of the credential. */
  readonly id: string;
  /** `response.signature`. */
  readonly signature: string;
  /** `response.userHandle`. A sign-in needs it. */
  readonly userHandle?: string | null;
};

/** What `navigator.credentials.create` returned: `toJSON().id` and members of `toJSON().response`, in base64url. */
export type PasskeyAttestationInput = {
  /** `response.attestationObject`. Its attestation statement is not evaluated. */
  readonly attestationObject: string;
  /** `response.clientDataJSON`. */
  readonly clientDataJSON: string;
  /** The id of the credential. */
  readonly id: string;
  /** `response.transports`: how browsers reach the authenticator later. */
  readonly transports?: readonly string[] | null;
};

/** A started enrollment. Pass `options` to `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials.create`, and send the result with `ceremonyToken` in this session. */
export type PasskeyEnrollment = {
  /** Stands for this enrollment. It works once, in the session that started it. */
  readonly ceremonyToken: string;
  /** When the enrollment expires. */
  readonly expiresAt: string;
  /** The options for the browser, with the challenge. */
  readonly options: Readonly<Record<string, unknown>>;
};

/** The person has as many passkeys as this server allows. */
export type PasskeyLimitError = {
  /** How many passkeys a person may have. */
  readonly limit: number;
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
};

/** The token of a ceremony, and what the authenticator signed in it. */
export type PasskeyProofInput = {
  /** What `navigator.credentials.get` returned. */
  readonly assertion: PasskeyAssertionInput;
  /** The `ceremonyToken` of the `PasskeyRequest`. It works once. */
  readonly ceremonyToken: string;
};

/** The passkey was removed. Every other session was ended. */
export type PasskeyRemoved = {
  /** The person, without the passkey. */
  readonly viewer: Viewer;
};

/** The passkey was renamed. */
export type PasskeyRenamed = {
  /** The passkey, with its new name. */
  readonly passkey: Passkey;
};

/** A started ceremony. Pass `options` to `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`, and send the result with `ceremonyToken`. */
export type PasskeyRequest = {
  /** Stands for this ceremony. Keep it in this browser; it works once. */
  readonly ceremonyToken: string;
  /** When the ceremony expires. Start another ceremony before then. */
  readonly expiresAt: string;
  /** The options for the browser, with the challenge. */
  readonly options: Readonly<Record<string, unknown>>;
};

/** What a page reports to authenticators about this account, so that they forget removed passkeys and show the current name: `PublicKeyCredential.signalAllAcceptedCredentials` and `signalCurrentUserDetails`. */
export type PasskeySignals = {
  /** The ids of all passkeys of the account, in base64url. */
  readonly credentialIds: readonly string[];
  /** The name of the person, or the email address. */
  readonly displayName: string;
  /** The email address of the account. */
  readonly name: string;
  /** The domain that the passkeys belong to. */
  readonly rpId: string;
  /** The random id by which authenticators know the account, in base64url. */
  readonly userHandle: string;
};

/** The password was replaced. Sessions that were signed in with the old password were ended. */
export type PasswordChanged = {
  /** When the password was set. */
  readonly at: string;
  /** Only from `resetPassword`: send it with the next `login`, like the `deviceToken` of `SignedIn`. With it, strangers who guess the account’s password cannot keep this device out. Null in cookie mode, where the cookie carries it. */
  readonly deviceToken: string | null;
  /** The number of sessions that were ended. */
  readonly sessionsRevoked: number;
};

/** The proof is valid and has not been used, but no password that counts came with it: the mail was opened in another browser than the one that signed up, or someone else requested the mail. Send the same proof again with a new password. */
export type PasswordNeeded = {
  /** The address that the mail was sent to. */
  readonly email: string;
};

/** Why a new password was rejected. */
export type PasswordWeakness = 'BREACHED' | 'COMMON' | 'CONTAINS_PERSONAL_DATA' | 'TOO_LONG' | 'TOO_SHORT';

/** The profile was updated. */
export type ProfileUpdated = {
  /** The person, with the updated profile. */
  readonly viewer: Viewer;
};

/** Too many attempts from this network or on this account. The answer is the same for addresses without an account. */
export type RateLimitedError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
  /** The number of seconds to wait before the same request can be evaluated. */
  readonly retryAfterSeconds: number;
};

/** One proof of identity. */
export type ReauthenticateInput =
  | { readonly code: ReauthenticationCodeInput; readonly passkey?: never; readonly password?: never; }
  | { readonly passkey: PasskeyProofInput; readonly code?: never; readonly password?: never; }
  | { readonly password: string; readonly code?: never; readonly passkey?: never; };

/** The possible outcomes of `reauthenticate`. */
export type ReauthenticateResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidCredentialsError' } & InvalidCredentialsError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidPasskeyError' } & InvalidPasskeyError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** A code for one of the methods that StepUpRequiredError lists. */
export type ReauthenticationCodeInput = {
  /** TOTP: the 6 digits in the authenticator app. EMAIL: the 8 digits that `sendReauthenticationCode` mailed. BACKUP_CODE: the code, in upper or lower case. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** The method that the code belongs to: any except PASSKEY. */
  readonly method: MfaMethod;
};

/** A way to reauthenticate on an existing session. */
export type ReauthenticationMethod = 'BACKUP_CODE' | 'EMAIL' | 'OAUTH' | 'PASSKEY' | 'PASSWORD' | 'TOTP';

/** The refresh token to exchange. */
export type RefreshTokenInput = {
  /** The newest refresh token of the session. */
  readonly refreshToken: string;
};

/** The possible outcomes of `refreshToken`. */
export type RefreshTokenResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The possible outcomes of `regenerateBackupCodes`. */
export type RegenerateBackupCodesResult =
  | ({ readonly __typename: 'BackupCodesGenerated' } & BackupCodesGenerated)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The details of a new account. */
export type RegisterInput = {
  /** The email address to sign in with. */
  readonly email: string;
  /** The name that the person wants to be called by, up to 200 characters. */
  readonly name?: string | null;
  /** The new password. See `authSettings` for its length. */
  readonly password: string;
  /** The `registrationToken` of an earlier `register` from this browser for this address, if there is one. With it, submitting the form again continues the same registration. */
  readonly registrationToken?: string | null;
};

/** The possible outcomes of `register`. */
export type RegisterResult =
  | ({ readonly __typename: 'EmailVerificationRequired' } & EmailVerificationRequired)
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'EmailTakenError' } & EmailTakenError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** The passkey to remove. */
export type RemovePasskeyInput = {
  /** The `id` of one of `viewer.passkeys`. */
  readonly passkeyId: string;
};

/** The possible outcomes of `removePasskey`. */
export type RemovePasskeyResult =
  | ({ readonly __typename: 'PasskeyRemoved' } & PasskeyRemoved)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'LastCredentialError' } & LastCredentialError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The passkey and its new name. */
export type RenamePasskeyInput = {
  /** The name, 1 to 200 characters. */
  readonly name: string;
  /** The `id` of one of `viewer.passkeys`. */
  readonly passkeyId: string;
};

/** The possible outcomes of `renamePasskey`. */
export type RenamePasskeyResult =
  | ({ readonly __typename: 'PasskeyRenamed' } & PasskeyRenamed)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The address to change to. */
export type RequestEmailChangeInput = {
  /** The new address. It must be verified before the change takes effect. */
  readonly newEmail: string;
};

/** The possible outcomes of `requestEmailChange`. */
export type RequestEmailChangeResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The account to sign in to. */
export type RequestEmailSignInInput = {
  /** The `deviceToken` of an earlier sign-in on this device, if there is one. With it, strangers who used up the mails to this address cannot keep its owner from getting one. In cookie mode the cookie carries it. */
  readonly deviceToken?: string | null;
  /** The email address of the account. */
  readonly email: string;
};

/** The possible outcomes of `requestEmailSignIn`. */
export type RequestEmailSignInResult =
  | ({ readonly __typename: 'EmailSignInStarted' } & EmailSignInStarted)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The account whose password is to be reset. */
export type RequestPasswordResetInput = {
  /** The `deviceToken` of an earlier sign-in on this device, if there is one. With it, strangers who used up the mails to this address cannot keep its owner from getting one. In cookie mode the cookie carries it. */
  readonly deviceToken?: string | null;
  /** The email address of the account. */
  readonly email: string;
};

/** The possible outcomes of `requestPasswordReset`. */
export type RequestPasswordResetResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The address that is waiting for its mail. */
export type ResendEmailVerificationInput = {
  /** The email address to mail again. */
  readonly email: string;
  /** The `registrationToken` of this browser for the address. Without it the mail contains only a link, and the link’s page asks for a password. */
  readonly registrationToken?: string | null;
};

/** The possible outcomes of `resendEmailVerification`. */
export type ResendEmailVerificationResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The proof from the mail, and the new password. */
export type ResetPasswordInput = {
  /** The new password. See `authSettings` for its length. */
  readonly newPassword: string;
  /** The token of the link, or the code and the address that the mail was sent to. */
  readonly proof: EmailProof;
  /** The `resetToken` that this browser got from `requestPasswordReset`. A code works only with the token of the request that mailed it; a link needs no token. */
  readonly resetToken?: string | null;
};

/** The possible outcomes of `resetPassword`. */
export type ResetPasswordResult =
  | ({ readonly __typename: 'PasswordChanged' } & PasswordChanged)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** The possible outcomes of `revokeOtherSessions`. */
export type RevokeOtherSessionsResult =
  | ({ readonly __typename: 'SessionsRevoked' } & SessionsRevoked)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The session to end. */
export type RevokeSessionInput = {
  /** The `id` of one of the person’s own sessions. */
  readonly sessionId: string;
};

/** The possible outcomes of `revokeSession`. */
export type RevokeSessionResult =
  | ({ readonly __typename: 'SessionsRevoked' } & SessionsRevoked)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** One change to the ways of signing in to an account. */
export type SecurityChange = {
  /** When it changed. */
  readonly at: string;
  /** A detail: the name of a provider, an `MfaMethod`, or a masked email address. Null if the type says everything. */
  readonly detail: string | null;
  /** What changed. */
  readonly type: SecurityEventType;
};

/** The change and everything connected with it was undone. Every session was ended and the password was removed. Set a new password with a password reset for the address of the account. */
export type SecurityChangeUndone = {
  /** What the undone sessions had removed and what was restored. */
  readonly restored: readonly SecurityChange[];
  /** The number of sessions that were ended. */
  readonly sessionsRevoked: number;
  /** Older ways of signing in that one of those sessions used and that stay. Remove those that are not the person’s own. */
  readonly stays: readonly SecurityChange[];
  /** The changes that were undone. The password is removed, whoever set it. */
  readonly undone: readonly SecurityChange[];
};

/** One security event of an account, whoever caused it. */
export type SecurityEvent = {
  /** When it happened. */
  readonly at: string;
  /** The event’s id, a UUIDv7. */
  readonly id: string;
  /** The IP address that the request came from; null when unknown. */
  readonly ipAddress: string | null;
  /** What happened. */
  readonly type: SecurityEventType;
  /** The browser or app that sent the request, as its `User-Agent` header names it. */
  readonly userAgent: string | null;
};

/** A page of SecurityEvents, newest first. */
export type SecurityEventConnection = {
  /** The items of the page, newest first. */
  readonly edges: readonly SecurityEventEdge[];
  /** The position of the page. */
  readonly pageInfo: PageInfo;
};

/** One SecurityEvent of a page, with its cursor. */
export type SecurityEventEdge = {
  /** The cursor of this edge. */
  readonly cursor: string;
  /** The SecurityEvent. */
  readonly node: SecurityEvent;
};

/** The type of a security event: one value for each audited action. */
export type SecurityEventType = 'ACCOUNT_CREATED' | 'ACCOUNT_DELETED' | 'ACCOUNT_DISABLED' | 'ACCOUNT_ENABLED' | 'ACCOUNT_UPDATED' | 'ALL_SESSIONS_ENDED' | 'BACKUP_CODES_GENERATED' | 'BACKUP_CODE_USED' | 'EMAIL_CHANGED' | 'EMAIL_CHANGE_REQUESTED' | 'EMAIL_CHANGE_UNDONE' | 'EMAIL_SIGN_IN_REQUESTED' | 'EMAIL_VERIFICATION_SENT' | 'EMAIL_VERIFIED' | 'IDENTITY_LINKED' | 'IDENTITY_UNLINKED' | 'IMPERSONATION_ENDED' | 'IMPERSONATION_REQUESTED' | 'IMPERSONATION_STARTED' | 'INVITATION_ACCEPTED' | 'INVITATION_REVOKED' | 'INVITATION_SENT' | 'MFA_DISABLED' | 'MFA_ENABLED' | 'MFA_ENROLLMENT_STARTED' | 'OAUTH_FAILED' | 'OTHER_SESSIONS_REVOKED' | 'PASSKEY_ADDED' | 'PASSKEY_COUNTER_ALARM' | 'PASSKEY_FAILED' | 'PASSKEY_REMOVED' | 'PASSKEY_RENAMED' | 'PASSWORD_CHANGED' | 'PASSWORD_CHANGE_FAILED' | 'PASSWORD_RESET' | 'PASSWORD_RESET_REQUESTED' | 'PROFILE_UPDATED' | 'RATE_LIMITED' | 'RATE_LIMITS_RESET' | 'REAUTHENTICATED' | 'REAUTHENTICATION_CODE_SENT' | 'REAUTHENTICATION_FAILED' | 'REFRESH_TOKEN_ADOPTED' | 'REFRESH_TOKEN_REUSED' | 'REGISTRATION_REQUESTED' | 'ROLES_CHANGED' | 'SECOND_FACTOR_CODE_SENT' | 'SECOND_FACTOR_FAILED' | 'SECOND_FACTOR_REQUIRED' | 'SECURITY_CHANGE_UNDONE' | 'SESSIONS_REVOKED' | 'SESSION_REVOKED' | 'SIGNED_IN' | 'SIGNED_OUT' | 'SIGNING_KEY_REVOKED' | 'SIGNING_KEY_ROTATED' | 'SIGN_IN_FAILED';

/** The challenge that a code is requested for. */
export type SendMfaEmailCodeInput = {
  /** The `challengeToken` of MfaRequired. */
  readonly challengeToken: string;
};

/** The possible outcomes of `sendMfaEmailCode`. */
export type SendMfaEmailCodeResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'ChallengeExpiredError' } & ChallengeExpiredError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The possible outcomes of `sendReauthenticationCode`. */
export type SendReauthenticationCodeResult =
  | ({ readonly __typename: 'EmailSent' } & EmailSent)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** Too many passwords are being checked at the moment. Nothing was decided; try again. */
export type ServerBusyError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
  /** The number of seconds to wait before trying again. */
  readonly retryAfterSeconds: number;
};

/** A signed-in state on one device. It ends when the person signs out, when it is revoked or when it expires. */
export type Session = {
  /** When the person last authenticated: the `auth_time` claim of the access token. */
  readonly authenticatedAt: string;
  /** The browser and the device of the user agent; null if nothing of it is known, or an administrator started the session. */
  readonly client: SessionClient | null;
  /** When the session started. */
  readonly createdAt: string;
  /** True for the session that makes this request. */
  readonly current: boolean;
  /** When the session expires if its tokens are not refreshed. */
  readonly expiresAt: string;
  /** A UUIDv7. It is also the `sid` claim of the access token. */
  readonly id: string;
  /** The name of this service if one of its administrators acts as the person in this session; null otherwise. Such a session reads and signs out, and changes nothing. It ends at `expiresAt`, or sooner. Which administrator it is stays in the audit log. */
  readonly impersonatedBy: string | null;
  /** The IP address that started the session; null if an administrator did (`impersonatedBy`). */
  readonly ipAddress: string | null;
  /** When the session’s tokens were last refreshed. */
  readonly lastUsedAt: string;
  /** The methods of that authentication: the `amr` claim of the access token (RFC 8176). */
  readonly methods: readonly string[];
  /** The browser or app that started the session; null if an administrator did (`impersonatedBy`). */
  readonly userAgent: string | null;
};

/** What a session’s user agent says, for its person to recognize it by. Whoever started the session chose the text. */
export type SessionClient = {
  /** The browser, such as `Firefox`; null if it is not known. */
  readonly browser: string | null;
  /** The kind of device: `Computer`, `Phone`, `Tablet`, `iPhone` or `iPad`; null if it is not known. */
  readonly device: string | null;
  /** The operating system, such as `Android`; null if it is not known. */
  readonly os: string | null;
};

/** A page of Sessions, newest first. */
export type SessionConnection = {
  /** The items of the page, newest first. */
  readonly edges: readonly SessionEdge[];
  /** The position of the page. */
  readonly pageInfo: PageInfo;
};

/** One Session of a page, with its cursor. */
export type SessionEdge = {
  /** The cursor of this edge. */
  readonly cursor: string;
  /** The Session. */
  readonly node: Session;
};

/** Sessions were ended, and their tokens are no longer valid. */
export type SessionsRevoked = {
  /** The number of sessions that were ended. */
  readonly count: number;
  /** The person, with the remaining sessions. */
  readonly viewer: Viewer;
};

/** A completed sign-in. */
export type SignedIn = {
  /** A JWT (typ at+jwt, ES256). Send it as `Authorization: Bearer …`. Any service can verify it with the published keys. */
  readonly accessToken: string;
  /** When the access token expires. */
  readonly accessTokenExpiresAt: string;
  /** Keep it on this device, even after signing out, and send it with the next `login`. It proves nothing, but with it strangers who guess the account’s password cannot make this device wait. Null in cookie mode, while the email address is not verified, and for an administrator who acts as the person. */
  readonly deviceToken: string | null;
  /** An opaque token. Exchange it with `refreshToken` before the access token expires. It works once. Null in cookie mode. */
  readonly refreshToken: string | null;
  /** When the refresh token expires if it is not exchanged. */
  readonly refreshTokenExpiresAt: string;
  /** The person who is now signed in. */
  readonly viewer: Viewer;
};

/** The session was ended, and its tokens are no longer valid. */
export type SignedOut = {
  /** When the session ended. */
  readonly at: string;
};

/** The provider, and where it sends the browser back to. */
export type StartOAuthInput = {
  /** If true, the person must sign in at the provider again, and a provider that does not confirm a new sign-in is rejected. The session’s authentication is then recent (`authenticatedAt`). If false, it is as old as the sign-in at the provider, or starts now if the provider does not report it (Google). */
  readonly freshLogin?: boolean | null;
  /** The `id` of one of `authSettings.oauthProviders`. */
  readonly provider: string;
  /** One of the provider’s configured redirect URIs, compared character by character. By default APP_URL/oauth/callback/<id>. */
  readonly redirectUri: string;
};

/** The possible outcomes of `startOAuth`. */
export type StartOAuthResult =
  | ({ readonly __typename: 'OAuthStarted' } & OAuthStarted)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'OAuthFailedError' } & OAuthFailedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The possible outcomes of `startPasskeyEnrollment`. */
export type StartPasskeyEnrollmentResult =
  | ({ readonly __typename: 'PasskeyEnrollment' } & PasskeyEnrollment)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'PasskeyLimitError' } & PasskeyLimitError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The challenge that a passkey is to complete. */
export type StartPasskeyMfaInput = {
  /** The `challengeToken` of MfaRequired. */
  readonly challengeToken: string;
};

/** The possible outcomes of `startPasskeyMfa`. */
export type StartPasskeyMfaResult =
  | ({ readonly __typename: 'PasskeyRequest' } & PasskeyRequest)
  | ({ readonly __typename: 'ChallengeExpiredError' } & ChallengeExpiredError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaNotEnabledError' } & MfaNotEnabledError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The possible outcomes of `startPasskeyReauthentication`. */
export type StartPasskeyReauthenticationResult =
  | ({ readonly __typename: 'PasskeyRequest' } & PasskeyRequest)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The possible outcomes of `startPasskeySignIn`. */
export type StartPasskeySignInResult =
  | ({ readonly __typename: 'PasskeyRequest' } & PasskeyRequest)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The session is signed in, but its last authentication is too old for this operation. Call `reauthenticate`, then send the operation again. */
export type StepUpRequiredError = {
  /** The maximum age of the authentication, in seconds. */
  readonly maxAgeSeconds: number;
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
  /** The methods with which this person can reauthenticate. None in a session in which an administrator acts as the person (`Session.impersonatedBy`): such a session cannot do this. */
  readonly methods: readonly ReauthenticationMethod[];
};

/** A secret for an authenticator app. It is pending until `confirmTotp` or `expiresAt`. While it is pending, `enableTotp` returns it again to the session that requested it. */
export type TotpEnrollment = {
  /** When the secret expires if it is not confirmed. */
  readonly expiresAt: string;
  /** The key URI that an authenticator app opens. */
  readonly otpauthUri: string;
  /** The key URI as a QR code: an SVG data URL. */
  readonly qrCode: string;
  /** The secret in Base32, for manual entry. */
  readonly secret: string;
};

/** The token from the mail to the old address. */
export type UndoEmailChangeInput = {
  /** The `token` of the link in the mail. */
  readonly token: string;
};

/** The possible outcomes of `undoEmailChange`. */
export type UndoEmailChangeResult =
  | ({ readonly __typename: 'EmailChangeUndone' } & EmailChangeUndone)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The token from the mail about the change. */
export type UndoSecurityChangeInput = {
  /** The `token` of the link in the mail. */
  readonly token: string;
};

/** The possible outcomes of `undoSecurityChange`. */
export type UndoSecurityChangeResult =
  | ({ readonly __typename: 'SecurityChangeUndone' } & SecurityChangeUndone)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The linked account to remove. */
export type UnlinkIdentityInput = {
  /** The `id` of one of `viewer.identities`. */
  readonly identityId: string;
};

/** The possible outcomes of `unlinkIdentity`. */
export type UnlinkIdentityResult =
  | ({ readonly __typename: 'IdentityUnlinked' } & IdentityUnlinked)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'LastCredentialError' } & LastCredentialError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'NotFoundError' } & NotFoundError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'StepUpRequiredError' } & StepUpRequiredError);

/** The fields to change. Omitted fields stay as they are. */
export type UpdateProfileInput = {
  /** The language that the person prefers. Null removes it. */
  readonly locale?: string | null;
  /** The name that the person wants to be called by, up to 200 characters. Null and the empty string remove it. */
  readonly name?: string | null;
  /** The https URL of a picture, up to 2,048 characters. Null removes it. This server does not load it. */
  readonly picture?: string | null;
  /** The person’s own settings for the application, which replace the current ones as a whole: at most 4 KiB of JSON, 8 levels deep. Null removes them. */
  readonly preferences?: Readonly<Record<string, unknown>> | null;
};

/** The possible outcomes of `updateProfile`. */
export type UpdateProfileResult =
  | ({ readonly __typename: 'ProfileUpdated' } & ProfileUpdated)
  | ({ readonly __typename: 'ImpersonatedSessionError' } & ImpersonatedSessionError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'MfaEnrollmentRequiredError' } & MfaEnrollmentRequiredError)
  | ({ readonly __typename: 'NotAuthenticatedError' } & NotAuthenticatedError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** A person with an account. */
export type User = {
  /** What administrators have noted about the person, at most 4 KiB. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** When the account was created. */
  readonly createdAt: string;
  /** The email address that they sign in with, in canonical form. */
  readonly email: string;
  /** True once the person has proven that they receive mail at this address. */
  readonly emailVerified: boolean;
  /** True if the account has a password. If not, `requestPasswordReset` mails a link to set one. */
  readonly hasPassword: boolean;
  /** A UUIDv7. It never changes and is never reused. */
  readonly id: string;
  /** The language that they prefer; null if they gave none. */
  readonly locale: string | null;
  /** The name that they want to be called by; null if they gave none. */
  readonly name: string | null;
  /** The https URL of a picture; null if they gave none. This server does not load it. Whoever shows it lets its host see who looks. */
  readonly picture: string | null;
  /** The person’s own settings for the application, at most 4 KiB. They are in no token. */
  readonly preferences: Readonly<Record<string, unknown>>;
  /** The names of the roles that the person holds. */
  readonly roles: readonly string[];
  /** When the profile last changed. */
  readonly updatedAt: string;
};

/** The proof from the mail. */
export type VerifyEmailInput = {
  /** The name that the person wants to be called by; used together with `password`. */
  readonly name?: string | null;
  /** The new password, for a browser without a valid `registrationToken` (see `PasswordNeeded`). If the account already has a password and this is it, everything in the account is kept. */
  readonly password?: string | null;
  /** The token of the link, or the code and the address that the mail was sent to. */
  readonly proof: EmailProof;
  /** The `registrationToken` of this browser for the address: the password of that registration becomes the password of the account. A code works only with the token of the registration that it was mailed for. */
  readonly registrationToken?: string | null;
};

/** The possible outcomes of `verifyEmail`. */
export type VerifyEmailResult =
  | ({ readonly __typename: 'MfaRequired' } & MfaRequired)
  | ({ readonly __typename: 'PasswordNeeded' } & PasswordNeeded)
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidTokenError' } & InvalidTokenError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError)
  | ({ readonly __typename: 'WeakPasswordError' } & WeakPasswordError);

/** A code of a second factor, for a challenge. */
export type VerifyMfaInput = {
  /** The `challengeToken` of MfaRequired. */
  readonly challengeToken: string;
  /** TOTP: the 6 digits in the authenticator app. EMAIL: the 8 digits in the mail. BACKUP_CODE: the code, in upper or lower case. Spaces, dashes and invisible characters are ignored. */
  readonly code: string;
  /** One of the challenge’s `methods` except PASSKEY. */
  readonly method: MfaMethod;
};

/** The possible outcomes of `verifyMfa`. */
export type VerifyMfaResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'ChallengeExpiredError' } & ChallengeExpiredError)
  | ({ readonly __typename: 'InvalidCodeError' } & InvalidCodeError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError)
  | ({ readonly __typename: 'ServerBusyError' } & ServerBusyError);

/** The proof with a passkey, for a challenge. */
export type VerifyPasskeyMfaInput = {
  /** The `challengeToken` of MfaRequired. */
  readonly challengeToken: string;
  /** The token of `startPasskeyMfa`, and the result of the browser. */
  readonly proof: PasskeyProofInput;
};

/** The possible outcomes of `verifyPasskeyMfa`. */
export type VerifyPasskeyMfaResult =
  | ({ readonly __typename: 'SignedIn' } & SignedIn)
  | ({ readonly __typename: 'ChallengeExpiredError' } & ChallengeExpiredError)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputError)
  | ({ readonly __typename: 'InvalidPasskeyError' } & InvalidPasskeyError)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedError);

/** The signed-in person and everything that only they may see. If this server requires two-step verification and the session has not proven a second factor, only `user`, `session` and `mfa` can be read. */
export type Viewer = {
  /** The second factors of this person. */
  readonly mfa: MfaStatus;
  /** The session that makes this request. */
  readonly session: Session;
  /** The person. */
  readonly user: User;
};

/** The new password is too easy to guess. Nothing was changed. */
export type WeakPasswordError = {
  /** A fixed English text for this kind of error. Branch on `__typename`, not on the text. */
  readonly message: string;
  /** Every reason why it was rejected. */
  readonly reasons: readonly PasswordWeakness[];
};

/** What this server offers and requires, for building a sign-in page. */
export type AuthSettingsVariables = Record<string, never>;
/** What this server offers and requires, for building a sign-in page. */
export const authSettings: Operation<AuthSettings, AuthSettingsVariables> = "#578cf4cffb52ed565486638f327cbab42a562da89d0dbb97ea5ca26a405335e3\nquery AuthSettings { authSettings { emailSignIn emailVerificationRequired mfaMethods mfaRequired oauthProviders { brand id name } passkeys passwordMaxLength passwordMinLength } }";

/** The purpose of a mail’s token. Reading it does not use the token. Null if the token was used, has expired, was replaced or was never issued. An error with the code REFUSED if a link that undoes a change was inspected too often; the undo itself still works. */
export type MailedTokenVariables = { readonly token: string };
/** The purpose of a mail’s token. Reading it does not use the token. Null if the token was used, has expired, was replaced or was never issued. An error with the code REFUSED if a link that undoes a change was inspected too often; the undo itself still works. */
export const mailedToken: Operation<MailedToken | null, MailedTokenVariables> = "#292b9654ba66184c7930bf631f5040f8a1d3aa8a07c490fc250a93b934e1d96a\nquery MailedToken($token: String!) { mailedToken(token: $token) { email expiresAt ipAddress kind requestedAt stays { at detail type } undoes { at detail type } userAgent } }";

/** The signed-in person; null if nobody is signed in. */
export type ViewerVariables = Record<string, never>;
/** The signed-in person; null if nobody is signed in. */
export const viewer: Operation<Viewer | null, ViewerVariables> = "#6217bc9519cc66a81c091ad0c00250ec7a7ceee4860bd262862a6096f1c85fd4\nquery Viewer { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } }";

/** The linked accounts at providers that can be used to sign in, oldest first. */
export type ViewerIdentitiesVariables = Record<string, never>;
/** The linked accounts at providers that can be used to sign in, oldest first. */
export const viewerIdentities: Operation<{ readonly identities: readonly Identity[] } | null, ViewerIdentitiesVariables> = "#31d26f1d4c052f5b270d69620d622ddc32f97f28ecaad49b9208a1fd3228893e\nquery ViewerIdentities { viewer { identities { email id linkedAt provider { brand id name } } } }";

/** What a page reports to authenticators about this account. Null for a person who never had a passkey, and if this server offers none. */
export type ViewerPasskeySignalsVariables = Record<string, never>;
/** What a page reports to authenticators about this account. Null for a person who never had a passkey, and if this server offers none. */
export const viewerPasskeySignals: Operation<{ readonly passkeySignals: PasskeySignals | null } | null, ViewerPasskeySignalsVariables> = "#0dda54a68ac597e3b48e4a1d048fab50632352e61e7635e86b7cb6ee0785fead\nquery ViewerPasskeySignals { viewer { passkeySignals { credentialIds displayName name rpId userHandle } } }";

/** The person’s passkeys, oldest first. They are listed even while `authSettings.passkeys` is false. */
export type ViewerPasskeysVariables = Record<string, never>;
/** The person’s passkeys, oldest first. They are listed even while `authSettings.passkeys` is false. */
export const viewerPasskeys: Operation<{ readonly passkeys: readonly Passkey[] } | null, ViewerPasskeysVariables> = "#0c930f2038295ba3f385db4154823dc6123df8cbef278211b2b00c1394dd29bf\nquery ViewerPasskeys { viewer { passkeys { createdAt id lastUsedAt name provider synced } } }";

/** The security events of this account, newest first. */
export type ViewerSecurityEventsVariables = { readonly after?: string | null; readonly first?: number | null };
/** The security events of this account, newest first. */
export const viewerSecurityEvents: Operation<{ readonly securityEvents: SecurityEventConnection } | null, ViewerSecurityEventsVariables> = "#e8adf1d1a92beb7e24f877027a53310c956ba3288beb21e014657245373075a7\nquery ViewerSecurityEvents($after: String, $first: Int) { viewer { securityEvents(after: $after, first: $first) { edges { cursor node { at id ipAddress type userAgent } } pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } } }";

/** Every active session of this person, newest first. */
export type ViewerSessionsVariables = { readonly after?: string | null; readonly first?: number | null };
/** Every active session of this person, newest first. */
export const viewerSessions: Operation<{ readonly sessions: SessionConnection } | null, ViewerSessionsVariables> = "#335c3f2507835124e220a6875a353035a58443bd6eb8edeb262178d296dc238a\nquery ViewerSessions($after: String, $first: Int) { viewer { sessions(after: $after, first: $first) { edges { cursor node { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } } pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } } }";

/** Accept the invitation of an administrator: the account gets the password, its address counts as verified, and the person is signed in with the roles of the invitation. A person with a second factor is then asked for it. The link alone does nothing: ask for a password first. */
export type AcceptInvitationVariables = { readonly input: AcceptInvitationInput };
/** Accept the invitation of an administrator: the account gets the password, its address counts as verified, and the person is signed in with the roles of the invitation. A person with a second factor is then asked for it. The link alone does nothing: ask for a password first. */
export const acceptInvitation: Operation<AcceptInvitationResult, AcceptInvitationVariables> = "#555cdac881c9dee43232eca518ae89e22bde7a9bbdb7ccd13bdfc3a64ada0c8e\nmutation AcceptInvitation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename ... on MfaRequired { challengeToken expiresAt methods } ... on PasswordNeeded { email } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Change the password. Every other session is ended; this session keeps its tokens. */
export type ChangePasswordVariables = { readonly input: ChangePasswordInput };
/** Change the password. Every other session is ended; this session keeps its tokens. */
export const changePassword: Operation<ChangePasswordResult, ChangePasswordVariables> = "#1fc98985eb7aba8b57cb52fdfdaa5c0bd63bc9b24f45e63e7b745da455c22064\nmutation ChangePassword($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on PasswordChanged { at deviceToken sessionsRevoked } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Sign in with the proof from the mail. A person with a second factor is then asked for it; codes by email are not accepted as one. If the address had no account and `authSettings.emailSignIn` is REGISTER, one is created. Before using a link, show `mailedToken` and ask for a click. Otherwise a mail scanner, or a link that somebody else requested, could sign a person in. */
export type CompleteEmailSignInVariables = { readonly input: CompleteEmailSignInInput };
/** Sign in with the proof from the mail. A person with a second factor is then asked for it; codes by email are not accepted as one. If the address had no account and `authSettings.emailSignIn` is REGISTER, one is created. Before using a link, show `mailedToken` and ask for a click. Otherwise a mail scanner, or a link that somebody else requested, could sign a person in. */
export const completeEmailSignIn: Operation<CompleteEmailSignInResult, CompleteEmailSignInVariables> = "#40754371d13e1420e7de8ce2e09cfc373c802b483d1f71f382ea5cae3d0c05e9\nmutation CompleteEmailSignIn($input: CompleteEmailSignInInput!) { completeEmailSignIn(input: $input) { __typename ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Start a session in which an administrator acts as a person (`Session.impersonatedBy`). It reads and signs out, and changes nothing. The token works once, for a minute. In cookie mode, the result is InvalidInputError if the browser is signed in. */
export type CompleteHandoverVariables = { readonly input: CompleteHandoverInput };
/** Start a session in which an administrator acts as a person (`Session.impersonatedBy`). It reads and signs out, and changes nothing. The token works once, for a minute. In cookie mode, the result is InvalidInputError if the browser is signed in. */
export const completeHandover: Operation<CompleteHandoverResult, CompleteHandoverVariables> = "#dee70fd75709863309bbce33d510e0f222d5fe90dc3780a04ac8d64a0517f14f\nmutation CompleteHandover($input: CompleteHandoverInput!) { completeHandover(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Complete the flow that `startOAuth` started: sign in, or link the provider. A flow works once. To complete a link, send an access token of the session that started it. */
export type CompleteOAuthVariables = { readonly input: CompleteOAuthInput };
/** Complete the flow that `startOAuth` started: sign in, or link the provider. A flow works once. To complete a link, send an access token of the session that started it. */
export const completeOAuth: Operation<CompleteOAuthResult, CompleteOAuthVariables> = "#15311d383967b630c735eee29ee56b5cbe93808a2aaeca795dfe5ec464abc6ff\nmutation CompleteOAuth($input: CompleteOAuthInput!) { completeOAuth(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on IdentityLinked { identity { email id linkedAt provider { brand id name } } viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on AccountLinkRequiredError { provider } ... on InvalidInputError { issues { message path } } ... on OAuthFailedError { reason } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Complete adding a passkey, in the session that started it. Every other session of the person ends, and a mail reports it. */
export type CompletePasskeyEnrollmentVariables = { readonly input: CompletePasskeyEnrollmentInput };
/** Complete adding a passkey, in the session that started it. Every other session of the person ends, and a mail reports it. */
export const completePasskeyEnrollment: Operation<CompletePasskeyEnrollmentResult, CompletePasskeyEnrollmentVariables> = "#8a9e2d8861f88cd828691c72130621e15699af1a31529911c4bb7a614d84ba99\nmutation CompletePasskeyEnrollment($input: CompletePasskeyEnrollmentInput!) { completePasskeyEnrollment(input: $input) { __typename ... on PasskeyAdded { backupCodes passkey { createdAt id lastUsedAt name provider synced } viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on PasskeyLimitError { limit } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Complete a sign-in with a passkey. The authenticator must have verified the person, so the passkey is both factors at once, and no second factor is asked for. */
export type CompletePasskeySignInVariables = { readonly input: CompletePasskeySignInInput };
/** Complete a sign-in with a passkey. The authenticator must have verified the person, so the passkey is both factors at once, and no second factor is asked for. */
export const completePasskeySignIn: Operation<CompletePasskeySignInResult, CompletePasskeySignInVariables> = "#ae8e3fda9721f2797195f57391e6b3d45fc198aaaa0b058dd39eaca68206f045\nmutation CompletePasskeySignIn($input: CompletePasskeySignInInput!) { completePasskeySignIn(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Confirm the change of the email address, as the signed-in person who requested it. Every other session is ended. The old address is notified and can undo the change for 72 hours. */
export type ConfirmEmailChangeVariables = { readonly input: ConfirmEmailChangeInput };
/** Confirm the change of the email address, as the signed-in person who requested it. Every other session is ended. The old address is notified and can undo the change for 72 hours. */
export const confirmEmailChange: Operation<ConfirmEmailChangeResult, ConfirmEmailChangeVariables> = "#700c2a3d0b19e49006beb6ce2841c3ef3b738061507c351079637a7d2b250ea4\nmutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { __typename ... on EmailChanged { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Enable codes by email with the mailed code, in the session that requested it. Every other session is ended. */
export type ConfirmEmailMfaVariables = { readonly input: ConfirmEmailMfaInput };
/** Enable codes by email with the mailed code, in the session that requested it. Every other session is ended. */
export const confirmEmailMfa: Operation<ConfirmEmailMfaResult, ConfirmEmailMfaVariables> = "#50b83fd631de3346a52e0fdc1d3618ab80684f6ff49d1afbd2c3ffbdd62a294f\nmutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) { confirmEmailMfa(input: $input) { __typename ... on MfaEnabled { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Enable the authenticator app with one of its codes, in the session that called `enableTotp`. Every other session is ended. */
export type ConfirmTotpVariables = { readonly input: ConfirmTotpInput };
/** Enable the authenticator app with one of its codes, in the session that called `enableTotp`. Every other session is ended. */
export const confirmTotp: Operation<ConfirmTotpResult, ConfirmTotpVariables> = "#69fb812560c045d5d18845699de1ddb25b353e63ba026cecc901989896c824cb\nmutation ConfirmTotp($input: ConfirmTotpInput!) { confirmTotp(input: $input) { __typename ... on MfaEnabled { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Delete the account permanently, with its sessions, factors, profile and mails. */
export type DeleteAccountVariables = Record<string, never>;
/** Delete the account permanently, with its sessions, factors, profile and mails. */
export const deleteAccount: Operation<DeleteAccountResult, DeleteAccountVariables> = "#20fb8642024a0ce14e80c24b281a36ad35603424c737928cb52605b844725ff3\nmutation DeleteAccount { deleteAccount { __typename ... on AccountDeleted { at } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Disable codes by email. If they are the last second factor, the backup codes are removed too. Every other session is ended. */
export type DisableEmailMfaVariables = Record<string, never>;
/** Disable codes by email. If they are the last second factor, the backup codes are removed too. Every other session is ended. */
export const disableEmailMfa: Operation<DisableEmailMfaResult, DisableEmailMfaVariables> = "#3a706dc6a6a78b2679e4bf3d710ff18e0f44b30c96f5bfbcba2f0f16e286c5b9\nmutation DisableEmailMfa { disableEmailMfa { __typename ... on MfaDisabled { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Stop asking for a passkey as a second factor. The passkeys stay and can still sign in. If they are the last second factor, the backup codes are removed. Every other session is ended. */
export type DisablePasskeyMfaVariables = Record<string, never>;
/** Stop asking for a passkey as a second factor. The passkeys stay and can still sign in. If they are the last second factor, the backup codes are removed. Every other session is ended. */
export const disablePasskeyMfa: Operation<DisablePasskeyMfaResult, DisablePasskeyMfaVariables> = "#5401691ea51d76e2c12565fb4ab8f7104f12b4035dd11bcc5207e6dbf2803120\nmutation DisablePasskeyMfa { disablePasskeyMfa { __typename ... on MfaDisabled { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Disable the authenticator app. If it is the last second factor, the backup codes are removed too. Every other session is ended. */
export type DisableTotpVariables = Record<string, never>;
/** Disable the authenticator app. If it is the last second factor, the backup codes are removed too. Every other session is ended. */
export const disableTotp: Operation<DisableTotpResult, DisableTotpVariables> = "#3f823b5668630b292b3b631457e1444b273f423118653ed0f198b47e6b5761c7\nmutation DisableTotp { disableTotp { __typename ... on MfaDisabled { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Start setting up codes by email: a first code is mailed to the account’s address. A person who can sign in with nothing but the mailbox gets MailboxOnlyError. */
export type EnableEmailMfaVariables = Record<string, never>;
/** Start setting up codes by email: a first code is mailed to the account’s address. A person who can sign in with nothing but the mailbox gets MailboxOnlyError. */
export const enableEmailMfa: Operation<EnableEmailMfaResult, EnableEmailMfaVariables> = "#a0a3cb10864a363a345d2338ebb045522706afb4fb71aaa70bc059b43ed2d66c\nmutation EnableEmailMfa { enableEmailMfa { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Make the passkeys of this person a second factor: signing in with a password then asks for one. Returns NotFoundError for a person without a passkey, and if this server offers none. Every other session is ended. */
export type EnablePasskeyMfaVariables = Record<string, never>;
/** Make the passkeys of this person a second factor: signing in with a password then asks for one. Returns NotFoundError for a person without a passkey, and if this server offers none. Every other session is ended. */
export const enablePasskeyMfa: Operation<EnablePasskeyMfaResult, EnablePasskeyMfaVariables> = "#27cc82c508d2d948a08492a911fa74a85313751a6890cf5209886cb43814f30e\nmutation EnablePasskeyMfa { enablePasskeyMfa { __typename ... on MfaEnabled { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Start setting up an authenticator app. Signing in does not ask for its codes until `confirmTotp`. If the same session asks again from the same network before the secret expires, it gets the same secret. Any other session gets a new secret, which replaces the older one. */
export type EnableTotpVariables = Record<string, never>;
/** Start setting up an authenticator app. Signing in does not ask for its codes until `confirmTotp`. If the same session asks again from the same network before the secret expires, it gets the same secret. Any other session gets a new secret, which replaces the older one. */
export const enableTotp: Operation<EnableTotpResult, EnableTotpVariables> = "#893e65d21ac023456d437df066cfe041d65979fa7828a0922bd0d79a07a2decb\nmutation EnableTotp { enableTotp { __typename ... on TotpEnrollment { expiresAt otpauthUri qrCode secret } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Sign in with an email address and a password. */
export type LoginVariables = { readonly input: LoginInput };
/** Sign in with an email address and a password. */
export const login: Operation<LoginResult, LoginVariables> = "#a54832c9d629952dd0625add444a8ed89ca540c0cc9a29b69c5518e42d7ecfcd\nmutation Login($input: LoginInput!) { login(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Sign out. */
export type LogoutVariables = Record<string, never>;
/** Sign out. */
export const logout: Operation<LogoutResult, LogoutVariables> = "#11658524afdf3336939179b4966c5e26b13e4722e233dcc491e8cda0f65ef08b\nmutation Logout { logout { __typename ... on SignedOut { at } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Reauthenticate on this session before a sensitive operation. The session gets new tokens and a new `authenticatedAt`. */
export type ReauthenticateVariables = { readonly input: ReauthenticateInput };
/** Reauthenticate on this session before a sensitive operation. The session gets new tokens and a new `authenticatedAt`. */
export const reauthenticate: Operation<ReauthenticateResult, ReauthenticateVariables> = "#302ad3e482355bdb979571c37774e899afa08b90ec8dc491ca822c45f9fe9c60\nmutation Reauthenticate($input: ReauthenticateInput!) { reauthenticate(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Exchange a refresh token for a new pair of tokens. A refresh token works once. If it is sent again within seconds, it returns the same successor; if it is sent again later, the session is ended. */
export type RefreshTokenVariables = { readonly input?: RefreshTokenInput | null };
/** Exchange a refresh token for a new pair of tokens. A refresh token works once. If it is sent again within seconds, it returns the same successor; if it is sent again later, the session is ended. */
export const refreshToken: Operation<RefreshTokenResult, RefreshTokenVariables> = "#ebb9746c93e9b68684b2568dd97d18ed46db6e2d69a7d91f68eb4a593b2e1798\nmutation RefreshToken($input: RefreshTokenInput) { refreshToken(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Create a new set of backup codes. The old codes stop working at once. */
export type RegenerateBackupCodesVariables = Record<string, never>;
/** Create a new set of backup codes. The old codes stop working at once. */
export const regenerateBackupCodes: Operation<RegenerateBackupCodesResult, RegenerateBackupCodesVariables> = "#36068f8235c48540401135b95e8ff071e5855c6ef6f337f87a785812b2de10e2\nmutation RegenerateBackupCodes { regenerateBackupCodes { __typename ... on BackupCodesGenerated { backupCodes viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Register an account. By default the address must be verified first, and the answer does not reveal whether the address is taken. */
export type RegisterVariables = { readonly input: RegisterInput };
/** Register an account. By default the address must be verified first, and the answer does not reveal whether the address is taken. */
export const register: Operation<RegisterResult, RegisterVariables> = "#df2c2dc8c240aea6fb9aab71e0cc8aaffb49e688cff19e7bbd5d7f16e55bdc25\nmutation Register($input: RegisterInput!) { register(input: $input) { __typename ... on EmailVerificationRequired { email expiresAt registrationToken resendableAt } ... on MfaRequired { challengeToken expiresAt methods } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Remove a passkey. Returns LastCredentialError if it is the only way to sign in or, where this server requires two-step verification, the last passkey of a person without another second factor. With the last passkey, signing in with a password no longer asks for one. Every other session is ended. */
export type RemovePasskeyVariables = { readonly input: RemovePasskeyInput };
/** Remove a passkey. Returns LastCredentialError if it is the only way to sign in or, where this server requires two-step verification, the last passkey of a person without another second factor. With the last passkey, signing in with a password no longer asks for one. Every other session is ended. */
export const removePasskey: Operation<RemovePasskeyResult, RemovePasskeyVariables> = "#e1402eb2bb2b4f6952159ff91c3c0da72b3eae130ae7729fd7cab6233e87fb55\nmutation RemovePasskey($input: RemovePasskeyInput!) { removePasskey(input: $input) { __typename ... on PasskeyRemoved { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Rename a passkey. */
export type RenamePasskeyVariables = { readonly input: RenamePasskeyInput };
/** Rename a passkey. */
export const renamePasskey: Operation<RenamePasskeyResult, RenamePasskeyVariables> = "#d5b7a9d45af275aab6f68b3b757d92869c0b7e479307ab26aa575541554360ba\nmutation RenamePasskey($input: RenamePasskeyInput!) { renamePasskey(input: $input) { __typename ... on PasskeyRenamed { passkey { createdAt id lastUsedAt name provider synced } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Request a change of the email address. The new address gets a mail with a link and a code that confirm the change; the old address gets a notice with a link that stops it. The answer does not reveal whether the new address is taken. */
export type RequestEmailChangeVariables = { readonly input: RequestEmailChangeInput };
/** Request a change of the email address. The new address gets a mail with a link and a code that confirm the change; the old address gets a notice with a link that stops it. The answer does not reveal whether the new address is taken. */
export const requestEmailChange: Operation<RequestEmailChangeResult, RequestEmailChangeVariables> = "#6c1211bc7d4ee3a2e5693d24873adeda822f2e7134c57ea2951bc76897deaf30\nmutation RequestEmailChange($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Mail a code and a link that sign in without a password. The answer does not reveal whether the address has an account. Returns NotFoundError if `authSettings.emailSignIn` is OFF. */
export type RequestEmailSignInVariables = { readonly input: RequestEmailSignInInput };
/** Mail a code and a link that sign in without a password. The answer does not reveal whether the address has an account. Returns NotFoundError if `authSettings.emailSignIn` is OFF. */
export const requestEmailSignIn: Operation<RequestEmailSignInResult, RequestEmailSignInVariables> = "#654e0fd6dd7d246f2fc02c8a38657d90758618a91877c04079575f9f40360691\nmutation RequestEmailSignIn($input: RequestEmailSignInInput!) { requestEmailSignIn(input: $input) { __typename ... on EmailSignInStarted { email emailSignInToken expiresAt resendableAt } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Request a password reset by mail. The answer does not reveal whether the address has an account, and the account is not changed. */
export type RequestPasswordResetVariables = { readonly input: RequestPasswordResetInput };
/** Request a password reset by mail. The answer does not reveal whether the address has an account, and the account is not changed. */
export const requestPasswordReset: Operation<RequestPasswordResetResult, RequestPasswordResetVariables> = "#ac9faa191d9d9f27939e5816f0144ea4eaeb34ca40e895b27cb6082f40e9c0c1\nmutation RequestPasswordReset($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Mail the link and the code that verify an address again. Earlier mails to the address stay valid. The answer does not reveal whether a registration is pending. */
export type ResendEmailVerificationVariables = { readonly input: ResendEmailVerificationInput };
/** Mail the link and the code that verify an address again. Earlier mails to the address stay valid. The answer does not reveal whether a registration is pending. */
export const resendEmailVerification: Operation<ResendEmailVerificationResult, ResendEmailVerificationVariables> = "#b66e99722ca7ec93fc8909995c1a1b293b93ee11f3eedf9dc700302ee903bb8b\nmutation ResendEmailVerification($input: ResendEmailVerificationInput!) { resendEmailVerification(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Set a new password with the proof from the mail. Every session is ended, nobody is signed in, and second factors stay. */
export type ResetPasswordVariables = { readonly input: ResetPasswordInput };
/** Set a new password with the proof from the mail. Every session is ended, nobody is signed in, and second factors stay. */
export const resetPassword: Operation<ResetPasswordResult, ResetPasswordVariables> = "#8aaab6e3ddf54660f2d3f2888740efb66e3d31842aae56c84b67d78189a5cd73\nmutation ResetPassword($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename ... on PasswordChanged { at deviceToken sessionsRevoked } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** End every session of the person except the current one. */
export type RevokeOtherSessionsVariables = Record<string, never>;
/** End every session of the person except the current one. */
export const revokeOtherSessions: Operation<RevokeOtherSessionsResult, RevokeOtherSessionsVariables> = "#f7978b120487906c32cac53a6d470e0178e78b34eea6205027a1e1fc98c8684f\nmutation RevokeOtherSessions { revokeOtherSessions { __typename ... on SessionsRevoked { count viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** End one of the person’s own sessions, which may be the current one. */
export type RevokeSessionVariables = { readonly input: RevokeSessionInput };
/** End one of the person’s own sessions, which may be the current one. */
export const revokeSession: Operation<RevokeSessionResult, RevokeSessionVariables> = "#0cd38dfa262914f970f1e836c8de1079342437cf2c197ba7c86e7a4bbba2f580\nmutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename ... on SessionsRevoked { count viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Mail a code for a challenge that lists EMAIL, up to three times. The code is valid until the challenge expires. A newer code replaces it and does not reset the attempts. */
export type SendMfaEmailCodeVariables = { readonly input: SendMfaEmailCodeInput };
/** Mail a code for a challenge that lists EMAIL, up to three times. The code is valid until the challenge expires. A newer code replaces it and does not reset the attempts. */
export const sendMfaEmailCode: Operation<SendMfaEmailCodeResult, SendMfaEmailCodeVariables> = "#7294d9c74bc80b522f9f57bfa20ecbbce1063c81c31d061c6f5da773754f2982\nmutation SendMfaEmailCode($input: SendMfaEmailCodeInput!) { sendMfaEmailCode(input: $input) { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Mail a code for `reauthenticate` on this session, if StepUpRequiredError lists EMAIL. The code is valid for ten minutes; a newer code replaces it. */
export type SendReauthenticationCodeVariables = Record<string, never>;
/** Mail a code for `reauthenticate` on this session, if StepUpRequiredError lists EMAIL. The code is valid for ten minutes; a newer code replaces it. */
export const sendReauthenticationCode: Operation<SendReauthenticationCodeResult, SendReauthenticationCodeVariables> = "#a45622c8ee4778f7e0fee66211e0157f607548e397d7cd25bc38f40be782c605\nmutation SendReauthenticationCode { sendReauthenticationCode { __typename ... on EmailSent { email expiresAt resendableAt resetToken } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Start signing in with a provider. With an access token, start linking the provider to the signed-in account; linking requires a recent authentication (`StepUpRequiredError`). */
export type StartOAuthVariables = { readonly input: StartOAuthInput };
/** Start signing in with a provider. With an access token, start linking the provider to the signed-in account; linking requires a recent authentication (`StepUpRequiredError`). */
export const startOAuth: Operation<StartOAuthResult, StartOAuthVariables> = "#4fddfb4066d33373c99a6ff6cd4184072d252edc198049409c0f3d32f77ad38b\nmutation StartOAuth($input: StartOAuthInput!) { startOAuth(input: $input) { __typename ... on OAuthStarted { authorizationUrl expiresAt flowToken links } ... on InvalidInputError { issues { message path } } ... on OAuthFailedError { reason } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Start adding a passkey. Returns NotFoundError if this server offers no passkeys. */
export type StartPasskeyEnrollmentVariables = Record<string, never>;
/** Start adding a passkey. Returns NotFoundError if this server offers no passkeys. */
export const startPasskeyEnrollment: Operation<StartPasskeyEnrollmentResult, StartPasskeyEnrollmentVariables> = "#4c160819fcb1a636d0624f1e58557deeb6cbb121ca21718a79baf88e8e0de14a\nmutation StartPasskeyEnrollment { startPasskeyEnrollment { __typename ... on PasskeyEnrollment { ceremonyToken expiresAt options } ... on InvalidInputError { issues { message path } } ... on PasskeyLimitError { limit } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Start completing a challenge that lists PASSKEY. Any passkey of the person may answer. Returns MfaNotEnabledError if the challenge does not list it. */
export type StartPasskeyMfaVariables = { readonly input: StartPasskeyMfaInput };
/** Start completing a challenge that lists PASSKEY. Any passkey of the person may answer. Returns MfaNotEnabledError if the challenge does not list it. */
export const startPasskeyMfa: Operation<StartPasskeyMfaResult, StartPasskeyMfaVariables> = "#370fd38177a1b4e858a8bdb651c6533adda51613e312209bb2cba4b282e16ca9\nmutation StartPasskeyMfa($input: StartPasskeyMfaInput!) { startPasskeyMfa(input: $input) { __typename ... on PasskeyRequest { ceremonyToken expiresAt options } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Start reauthenticating on this session with a passkey. Any passkey of the person may answer. Returns NotFoundError for a person without one, and if this server offers no passkeys. */
export type StartPasskeyReauthenticationVariables = Record<string, never>;
/** Start reauthenticating on this session with a passkey. Any passkey of the person may answer. Returns NotFoundError for a person without one, and if this server offers no passkeys. */
export const startPasskeyReauthentication: Operation<StartPasskeyReauthenticationResult, StartPasskeyReauthenticationVariables> = "#7b33b0091ec0df704ddabea3f746c55c6c19864076bce1f2c9be37bc01ce6111\nmutation StartPasskeyReauthentication { startPasskeyReauthentication { __typename ... on PasskeyRequest { ceremonyToken expiresAt options } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Start signing in with a passkey. It takes no address: the authenticator offers the passkeys that it has. Returns NotFoundError if this server offers no passkeys. */
export type StartPasskeySignInVariables = Record<string, never>;
/** Start signing in with a passkey. It takes no address: the authenticator offers the passkeys that it has. Returns NotFoundError if this server offers no passkeys. */
export const startPasskeySignIn: Operation<StartPasskeySignInResult, StartPasskeySignInVariables> = "#19fdce6d33cc704956a77c9c506c531eaece0f84dcfe65c85e486d8cb0d365f8\nmutation StartPasskeySignIn { startPasskeySignIn { __typename ... on PasskeyRequest { ceremonyToken expiresAt options } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Give the account its old address back, or stop a change that is not confirmed yet, and undo everything that the same sessions added, as `undoSecurityChange` does. Every session is ended, the password is removed and nobody is signed in. Show `mailedToken` first and ask for a click. */
export type UndoEmailChangeVariables = { readonly input: UndoEmailChangeInput };
/** Give the account its old address back, or stop a change that is not confirmed yet, and undo everything that the same sessions added, as `undoSecurityChange` does. Every session is ended, the password is removed and nobody is signed in. Show `mailedToken` first and ask for a click. */
export const undoEmailChange: Operation<UndoEmailChangeResult, UndoEmailChangeVariables> = "#67829088b96ddf3a4d60e2694750b53b55fe6f583d0479957ca3d3605e1c7af4\nmutation UndoEmailChange($input: UndoEmailChangeInput!) { undoEmailChange(input: $input) { __typename ... on EmailChangeUndone { at email sessionsRevoked } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Undo the change that a mail reported, within 72 hours, and everything that the same sessions added: linked accounts, second factors, backup codes, a change of address. Whatever they removed is restored. Every session is ended, the password is removed and nobody is signed in. Show `mailedToken` first and ask for a click. */
export type UndoSecurityChangeVariables = { readonly input: UndoSecurityChangeInput };
/** Undo the change that a mail reported, within 72 hours, and everything that the same sessions added: linked accounts, second factors, backup codes, a change of address. Whatever they removed is restored. Every session is ended, the password is removed and nobody is signed in. Show `mailedToken` first and ask for a click. */
export const undoSecurityChange: Operation<UndoSecurityChangeResult, UndoSecurityChangeVariables> = "#c738272a0560d63c1b8e228cc76791e15e6b947ea09c726891cf470425dafecb\nmutation UndoSecurityChange($input: UndoSecurityChangeInput!) { undoSecurityChange(input: $input) { __typename ... on SecurityChangeUndone { restored { at detail type } sessionsRevoked stays { at detail type } undone { at detail type } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Unlink an account at a provider, unless it is the only way to sign in. */
export type UnlinkIdentityVariables = { readonly input: UnlinkIdentityInput };
/** Unlink an account at a provider, unless it is the only way to sign in. */
export const unlinkIdentity: Operation<UnlinkIdentityResult, UnlinkIdentityVariables> = "#8f837492a0c582c929e8877f09bb5257dc3917632800b88a766073802f760b1c\nmutation UnlinkIdentity($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { __typename ... on IdentityUnlinked { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on StepUpRequiredError { maxAgeSeconds methods } ... on Error { message } } }";

/** Update the person’s profile. */
export type UpdateProfileVariables = { readonly input: UpdateProfileInput };
/** Update the person’s profile. */
export const updateProfile: Operation<UpdateProfileResult, UpdateProfileVariables> = "#1e70d604441c6c521e7952e097d30c7e1b3eb9d816af4a05c52ef043e6277403\nmutation UpdateProfile($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename ... on ProfileUpdated { viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

/** Verify an email address and sign in. A person with a second factor is then asked for it. */
export type VerifyEmailVariables = { readonly input: VerifyEmailInput };
/** Verify an email address and sign in. A person with a second factor is then asked for it. */
export const verifyEmail: Operation<VerifyEmailResult, VerifyEmailVariables> = "#694dcf80768d28a86758302cbee16ee5e2e23e31d054600d2b9c11e844c0f186\nmutation VerifyEmail($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename ... on MfaRequired { challengeToken expiresAt methods } ... on PasswordNeeded { email } ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on WeakPasswordError { reasons } ... on Error { message } } }";

/** Complete a sign-in with a second factor. A challenge allows five attempts over all methods; an account allows thirty wrong codes a day. */
export type VerifyMfaVariables = { readonly input: VerifyMfaInput };
/** Complete a sign-in with a second factor. A challenge allows five attempts over all methods; an account allows thirty wrong codes a day. */
export const verifyMfa: Operation<VerifyMfaResult, VerifyMfaVariables> = "#9f6f2c7da9d531e3fc594a3b3ae644f588132c182b58a99991ad7ecb684c769a\nmutation VerifyMfa($input: VerifyMfaInput!) { verifyMfa(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidCodeError { attemptsRemaining } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on ServerBusyError { retryAfterSeconds } ... on Error { message } } }";

/** Complete a sign-in with a passkey as the second factor. It counts as one of the five attempts that a challenge allows over all methods. */
export type VerifyPasskeyMfaVariables = { readonly input: VerifyPasskeyMfaInput };
/** Complete a sign-in with a passkey as the second factor. It counts as one of the five attempts that a challenge allows over all methods. */
export const verifyPasskeyMfa: Operation<VerifyPasskeyMfaResult, VerifyPasskeyMfaVariables> = "#c7a44764e296ee35ee360adfa51bc2fdfc345a566eeb5ae7eda2b797a13aa9bf\nmutation VerifyPasskeyMfa($input: VerifyPasskeyMfaInput!) { verifyPasskeyMfa(input: $input) { __typename ... on SignedIn { accessToken accessTokenExpiresAt deviceToken refreshToken refreshTokenExpiresAt viewer { mfa { backupCodesRemaining email enabled enrollmentRequired passkey totp } session { authenticatedAt client { browser device os } createdAt current expiresAt id impersonatedBy ipAddress lastUsedAt methods userAgent } user { attributes createdAt email emailVerified hasPassword id locale name picture preferences roles updatedAt } } } ... on InvalidInputError { issues { message path } } ... on RateLimitedError { retryAfterSeconds } ... on Error { message } } }";

