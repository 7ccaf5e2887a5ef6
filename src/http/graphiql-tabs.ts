import { parse, print } from 'graphql';

/** A tab in the form that GraphiQL's page accepts. */
export type Tab = { readonly query: string; readonly variables?: string };

/** One example operation. */
export type Step = {
  /** The comment above the document. */
  readonly about: string;
  readonly operation: string;
  readonly field: string;
  readonly kind?: 'mutation' | 'query';
  /** Null for an operation without an input. `{{name}}` stands for the token of that name from an earlier result. */
  readonly input?: object | null;
  /** The arguments of a query: their types and values. */
  readonly args?: Readonly<Record<string, readonly [type: string, value: unknown]>>;
  readonly select: string;
};

const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' } as const;
const CODE = '00000000';
const CREDENTIAL = { id: '', clientDataJSON: '' } as const;
const SIGNED_IN = '... on SignedIn { accessToken refreshToken viewer { user { id email } } }';
const MFA_REQUIRED = '... on MfaRequired { challengeToken expiresAt methods }';
const WAITING =
  '... on EmailVerificationRequired { email expiresAt registrationToken resendableAt }';
const EMAIL_SENT = '... on EmailSent { email expiresAt resendableAt }';
const MFA_ENABLED = '... on MfaEnabled { backupCodes viewer { mfa { totp email } } }';
const UNDONE = 'undone { type at detail } restored { type at detail } stays { type at detail }';

/**
 * Every public mutation in the order in which a first session uses it, and the queries. Values that a person types
 * are variables, so the documents can be shared and saved (test/http/graphiql-tabs.test.ts).
 */
const STEPS: readonly Step[] = [
  {
    about: 'Register an account. Find the mail with the code at /dev/mailbox.',
    operation: 'Register',
    field: 'register',
    input: { ...ADA, name: 'Ada' },
    select: `${WAITING} ${SIGNED_IN} ${MFA_REQUIRED} ... on WeakPasswordError { reasons }`,
  },
  {
    about: 'Verify the address with the 8 digits in the mail. This signs you in, in every tab.',
    operation: 'VerifyEmail',
    field: 'verifyEmail',
    input: {
      proof: { code: { email: ADA.email, code: CODE } },
      registrationToken: '{{registrationToken}}',
    },
    select: `${SIGNED_IN} ${MFA_REQUIRED} ... on PasswordNeeded { email }`,
  },
  {
    about: 'Send that mail again.',
    operation: 'ResendEmailVerification',
    field: 'resendEmailVerification',
    input: { email: ADA.email, registrationToken: '{{registrationToken}}' },
    select: EMAIL_SENT,
  },
  {
    about: 'Who is signed in?',
    operation: 'Viewer',
    field: 'viewer',
    kind: 'query',
    input: null,
    select: `
    user { id email emailVerified name }
    session { id methods authenticatedAt expiresAt }
    mfa { enabled totp email backupCodesRemaining enrollmentRequired }
    identities { id email provider { id name } }
    sessions { edges { node { id current lastUsedAt userAgent } } }`,
  },
  {
    about: 'Stay signed in. A refresh token works once and returns the next one.',
    operation: 'Refresh',
    field: 'refreshToken',
    input: { refreshToken: '{{refreshToken}}' },
    select: '... on SignedIn { accessToken refreshToken refreshTokenExpiresAt }',
  },
  {
    about: 'Sign out. After this, no tab sends the access token.',
    operation: 'Logout',
    field: 'logout',
    input: null,
    select: '... on SignedOut { at }',
  },
  {
    about: 'Sign in with the password.',
    operation: 'Login',
    field: 'login',
    input: ADA,
    select: `${SIGNED_IN} ${MFA_REQUIRED} ${WAITING}`,
  },
  {
    about: 'Sign in by mail, if EMAIL_SIGN_IN is on. Find the mail at /dev/mailbox.',
    operation: 'RequestEmailSignIn',
    field: 'requestEmailSignIn',
    input: { email: ADA.email },
    select: '... on EmailSignInStarted { email emailSignInToken expiresAt resendableAt }',
  },
  {
    about: 'Sign in with the code in that mail. The link works in every browser.',
    operation: 'CompleteEmailSignIn',
    field: 'completeEmailSignIn',
    input: { proof: { code: { code: CODE, emailSignInToken: '{{emailSignInToken}}' } } },
    select: `${SIGNED_IN} ${MFA_REQUIRED}`,
  },
  {
    about: 'After MfaRequired: send a code. method: TOTP, EMAIL or BACKUP_CODE.',
    operation: 'VerifyMfa',
    field: 'verifyMfa',
    input: { challengeToken: '{{challengeToken}}', method: 'TOTP', code: '000000' },
    select: `${SIGNED_IN} ... on InvalidCodeError { attemptsRemaining }`,
  },
  {
    about: 'After MfaRequired: mail a code, if the person uses codes by email.',
    operation: 'SendMfaEmailCode',
    field: 'sendMfaEmailCode',
    input: { challengeToken: '{{challengeToken}}' },
    select: EMAIL_SENT,
  },
  {
    about: 'After StepUpRequiredError: reauthenticate with a password or a code.',
    operation: 'Reauthenticate',
    field: 'reauthenticate',
    input: { password: ADA.password },
    select: `${SIGNED_IN} ... on InvalidCodeError { attemptsRemaining }`,
  },
  {
    about: 'After StepUpRequiredError: mail a code for `reauthenticate`.',
    operation: 'SendReauthenticationCode',
    field: 'sendReauthenticationCode',
    input: null,
    select: EMAIL_SENT,
  },
  {
    about: 'Set up an authenticator app. The QR code appears beside the result.',
    operation: 'EnableTotp',
    field: 'enableTotp',
    input: null,
    select:
      '... on TotpEnrollment { secret otpauthUri qrCode expiresAt } ... on StepUpRequiredError { methods }',
  },
  {
    about: 'Turn on the authenticator app with the 6 digits that it shows now.',
    operation: 'ConfirmTotp',
    field: 'confirmTotp',
    input: { code: '000000' },
    select: MFA_ENABLED,
  },
  {
    about: 'Turn off the authenticator app.',
    operation: 'DisableTotp',
    field: 'disableTotp',
    input: null,
    select: '... on MfaDisabled { viewer { mfa { totp email } } }',
  },
  {
    about: 'Set up codes by email: mail the first code.',
    operation: 'EnableEmailMfa',
    field: 'enableEmailMfa',
    input: null,
    select: EMAIL_SENT,
  },
  {
    about: 'Turn on codes by email with the 8 digits in that mail.',
    operation: 'ConfirmEmailMfa',
    field: 'confirmEmailMfa',
    input: { code: CODE },
    select: MFA_ENABLED,
  },
  {
    about: 'Turn off codes by email.',
    operation: 'DisableEmailMfa',
    field: 'disableEmailMfa',
    input: null,
    select: '... on MfaDisabled { viewer { mfa { totp email } } }',
  },
  {
    about: 'Create ten new backup codes. The old codes stop working.',
    operation: 'RegenerateBackupCodes',
    field: 'regenerateBackupCodes',
    input: null,
    select: '... on BackupCodesGenerated { backupCodes }',
  },
  {
    about: 'Request a password reset. Find the mail at /dev/mailbox.',
    operation: 'RequestPasswordReset',
    field: 'requestPasswordReset',
    input: { email: ADA.email },
    select: '... on EmailSent { email expiresAt resendableAt resetToken }',
  },
  {
    about: 'Set a new password with the code in that mail. This ends every session.',
    operation: 'ResetPassword',
    field: 'resetPassword',
    input: {
      proof: { code: { email: ADA.email, code: CODE } },
      resetToken: '{{resetToken}}',
      newPassword: 'another horse battery staple',
    },
    select: '... on PasswordChanged { sessionsRevoked } ... on WeakPasswordError { reasons }',
  },
  {
    about: 'Change the password with the current one.',
    operation: 'ChangePassword',
    field: 'changePassword',
    input: { currentPassword: ADA.password, newPassword: 'another horse battery staple' },
    select: '... on PasswordChanged { sessionsRevoked } ... on WeakPasswordError { reasons }',
  },
  {
    about: 'Change the profile. What is left out stays; null removes.',
    operation: 'UpdateProfile',
    field: 'updateProfile',
    input: {
      name: 'Ada Lovelace',
      picture: 'https://example.com/ada.jpg',
      locale: 'en-GB',
      preferences: { theme: 'dark' },
    },
    select:
      '... on ProfileUpdated { viewer { user { id name picture locale preferences attributes roles } } }',
  },
  {
    about: 'Request a change of the email address. The mail goes to the new address.',
    operation: 'RequestEmailChange',
    field: 'requestEmailChange',
    input: { newEmail: 'lovelace@example.com' },
    select: EMAIL_SENT,
  },
  {
    about: 'Confirm the new address with the code in that mail.',
    operation: 'ConfirmEmailChange',
    field: 'confirmEmailChange',
    input: { proof: { code: { email: 'lovelace@example.com', code: CODE } } },
    select: '... on EmailChanged { viewer { user { id email } } }',
  },
  {
    about:
      'Accept an invitation with the token from its mail. Without a password nothing is used up.',
    operation: 'AcceptInvitation',
    field: 'acceptInvitation',
    input: { token: '…', password: ADA.password, name: 'Ada' },
    select: `${SIGNED_IN} ${MFA_REQUIRED} ... on PasswordNeeded { email }`,
  },
  {
    about: 'Show what the link in a mail would do. token: the ?token=… of the link.',
    operation: 'MailedToken',
    field: 'mailedToken',
    kind: 'query',
    args: { token: ['String!', '…'] },
    select: 'kind email requestedAt undoes { type at detail } stays { type at detail }',
  },
  {
    about: 'Undo the change of address with the token from the mail to the old address.',
    operation: 'UndoEmailChange',
    field: 'undoEmailChange',
    input: { token: '…' },
    select: '... on EmailChangeUndone { at email sessionsRevoked }',
  },
  {
    about: 'Undo a change to the account with the token from the mail about it.',
    operation: 'UndoSecurityChange',
    field: 'undoSecurityChange',
    input: { token: '…' },
    select: `... on SecurityChangeUndone { ${UNDONE} sessionsRevoked }`,
  },
  {
    about:
      'Start signing in with a provider: open authorizationUrl. /dev/oauth does the whole flow for you.',
    operation: 'StartOAuth',
    field: 'startOAuth',
    input: { provider: 'google', redirectUri: 'http://localhost:4000/oauth/callback/google' },
    select: '... on OAuthStarted { authorizationUrl flowToken links }',
  },
  {
    about:
      'Complete the sign-in. callbackUrl: the whole URL that the provider sent the browser to.',
    operation: 'CompleteOAuth',
    field: 'completeOAuth',
    input: {
      flowToken: '{{flowToken}}',
      callbackUrl: 'http://localhost:4000/oauth/callback/google',
    },
    select: `${SIGNED_IN} ${MFA_REQUIRED} ${WAITING} ... on IdentityLinked { identity { id email } }`,
  },
  {
    about:
      'Start signing in with a passkey. Pass options to PublicKeyCredential.parseRequestOptionsFromJSON in the console of your app’s page (docs/passkeys.md).',
    operation: 'StartPasskeySignIn',
    field: 'startPasskeySignIn',
    input: null,
    select: '... on PasskeyRequest { ceremonyToken options expiresAt }',
  },
  {
    about: 'Complete the sign-in with what navigator.credentials.get returned.',
    operation: 'CompletePasskeySignIn',
    field: 'completePasskeySignIn',
    input: {
      proof: {
        ceremonyToken: '{{ceremonyToken}}',
        assertion: { ...CREDENTIAL, authenticatorData: '', signature: '', userHandle: '' },
      },
    },
    select: `${SIGNED_IN} ${WAITING}`,
  },
  {
    about:
      'Start adding a passkey, with a recent sign-in. Pass options to PublicKeyCredential.parseCreationOptionsFromJSON.',
    operation: 'StartPasskeyEnrollment',
    field: 'startPasskeyEnrollment',
    input: null,
    select: '... on PasskeyEnrollment { ceremonyToken options expiresAt }',
  },
  {
    about: 'Complete adding it with what navigator.credentials.create returned.',
    operation: 'CompletePasskeyEnrollment',
    field: 'completePasskeyEnrollment',
    input: {
      ceremonyToken: '{{ceremonyToken}}',
      attestation: { ...CREDENTIAL, attestationObject: '', transports: ['internal'] },
      name: 'My phone',
    },
    select: '... on PasskeyAdded { passkey { id name synced provider } }',
  },
  {
    about: 'Rename a passkey. passkeyId: from CompletePasskeyEnrollment.',
    operation: 'RenamePasskey',
    field: 'renamePasskey',
    input: { passkeyId: '00000000-0000-0000-0000-000000000000', name: 'My phone' },
    select: '... on PasskeyRenamed { passkey { id name } }',
  },
  {
    about: 'Remove a passkey, with a recent sign-in. passkeyId: from CompletePasskeyEnrollment.',
    operation: 'RemovePasskey',
    field: 'removePasskey',
    input: { passkeyId: '00000000-0000-0000-0000-000000000000' },
    select: '... on PasskeyRemoved { viewer { passkeys { id name } } }',
  },
  {
    about: 'Make your passkeys a second factor: signing in with a password then asks for one.',
    operation: 'EnablePasskeyMfa',
    field: 'enablePasskeyMfa',
    input: null,
    select: '... on MfaEnabled { backupCodes }',
  },
  {
    about: 'Stop asking for a passkey as the second factor. The passkeys stay.',
    operation: 'DisablePasskeyMfa',
    field: 'disablePasskeyMfa',
    input: null,
    select: '... on MfaDisabled { viewer { mfa { enabled } } }',
  },
  {
    about: 'Start the second step with a passkey. challengeToken: from Login.',
    operation: 'StartPasskeyMfa',
    field: 'startPasskeyMfa',
    input: { challengeToken: '{{challengeToken}}' },
    select: '... on PasskeyRequest { ceremonyToken options expiresAt }',
  },
  {
    about: 'Complete the second step with what navigator.credentials.get returned.',
    operation: 'VerifyPasskeyMfa',
    field: 'verifyPasskeyMfa',
    input: {
      challengeToken: '{{challengeToken}}',
      proof: {
        ceremonyToken: '{{ceremonyToken}}',
        assertion: { ...CREDENTIAL, authenticatorData: '', signature: '', userHandle: '' },
      },
    },
    select: SIGNED_IN,
  },
  {
    about:
      'Act as a person, if IMPERSONATION is on. handoverToken: from impersonateUser on ADMIN_PORT, for a minute.',
    operation: 'CompleteHandover',
    field: 'completeHandover',
    input: { handoverToken: '' },
    select: SIGNED_IN,
  },
  {
    about: 'Start reauthenticating with a passkey; complete it with Reauthenticate.',
    operation: 'StartPasskeyReauthentication',
    field: 'startPasskeyReauthentication',
    input: null,
    select: '... on PasskeyRequest { ceremonyToken options expiresAt }',
  },
  {
    about: 'Unlink an account at a provider. identityId: from Viewer.',
    operation: 'UnlinkIdentity',
    field: 'unlinkIdentity',
    input: { identityId: '00000000-0000-0000-0000-000000000000' },
    select: '... on IdentityUnlinked { viewer { identities { id } } }',
  },
  {
    about: 'End one session. sessionId: from Viewer.',
    operation: 'RevokeSession',
    field: 'revokeSession',
    input: { sessionId: '00000000-0000-0000-0000-000000000000' },
    select: '... on SessionsRevoked { count }',
  },
  {
    about: 'End every session except this one.',
    operation: 'RevokeOtherSessions',
    field: 'revokeOtherSessions',
    input: null,
    select: '... on SessionsRevoked { count }',
  },
  {
    about: 'List the security events of the account.',
    operation: 'SecurityEvents',
    field: 'viewer',
    kind: 'query',
    input: null,
    select: 'securityEvents(first: 20) { edges { node { type at ipAddress userAgent } } }',
  },
  {
    about: 'Delete the account permanently.',
    operation: 'DeleteAccount',
    field: 'deleteAccount',
    input: null,
    select: '... on AccountDeleted { at }',
  },
];

/** The initial tabs of the public API's GraphiQL. */
export function starterTabs(): readonly Tab[] {
  return tabsOf(STEPS);
}

/** Tabs with these operations. */
export function tabsOf(steps: readonly Step[]): readonly Tab[] {
  return steps.map(tabOf);
}

function tabOf(step: Step): Tab {
  const { about, operation, field, kind = 'mutation', input = null, select } = step;
  const typeOf = `${operation === 'Refresh' ? 'RefreshToken' : operation}Input!`;
  const args = Object.entries(step.args ?? (input === null ? {} : { input: [typeOf, input] }));
  const signature = args.map(([name, [type]]) => `$${name}: ${type}`).join(', ');
  const passed = args.map(([name]) => `${name}: $${name}`).join(', ');
  const outcomes =
    kind === 'query'
      ? select
      : `__typename ${select} ... on InvalidInputError { issues { path message } } ... on Error { message }`;
  const document = parse(
    `${kind} ${operation}${signature && `(${signature})`} { ${field}${passed && `(${passed})`} { ${outcomes} } }`,
  );
  const variables = Object.fromEntries(args.map(([name, [, value]]) => [name, value]));
  return {
    query: `# ${about}\n${print(document)}\n`,
    ...(args.length > 0 && { variables: JSON.stringify(variables, null, 2) }),
  };
}
