import { parse, print } from 'graphql';

/** A tab of GraphiQL as its page takes it. */
export type Tab = { readonly query: string; readonly variables?: string };

/** One operation of a first session. */
type Step = {
  /** What it is for, above the document. */
  readonly about: string;
  readonly operation: string;
  readonly field: string;
  readonly kind?: 'mutation' | 'query';
  /** Null for an operation without an input; `{{name}}` stands for what an earlier answer gave. */
  readonly input?: object | null;
  readonly select: string;
};

const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' } as const;
const CODE = '00000000';
const SIGNED_IN = '... on SignedIn { accessToken refreshToken viewer { user { id email } } }';
const MFA_REQUIRED = '... on MfaRequired { challengeToken expiresAt methods }';
const WAITING =
  '... on EmailVerificationRequired { email expiresAt registrationToken resendableAt }';
const EMAIL_SENT = '... on EmailSent { email expiresAt resendableAt }';
const MFA_ENABLED = '... on MfaEnabled { backupCodes viewer { mfa { totp email } } }';
const UNDONE = 'undone { type at detail } restored { type at detail } stays { type at detail }';

/**
 * Every public mutation, in the order of a first session, and what there is to read. What a person types
 * stands in the variables: the document can be shared, shown and kept (test/http/graphiql-tabs.test.ts).
 */
const STEPS: readonly Step[] = [
  {
    about: 'Ask for an account. The mail with the code is then at /dev/mailbox.',
    operation: 'Register',
    field: 'register',
    input: { ...ADA, name: 'Ada' },
    select: `${WAITING} ${SIGNED_IN} ${MFA_REQUIRED} ... on WeakPasswordError { reasons }`,
  },
  {
    about: 'Prove the address with the 8 digits of the mail. This signs in, in every tab.',
    operation: 'VerifyEmail',
    field: 'verifyEmail',
    input: {
      proof: { code: { email: ADA.email, code: CODE } },
      registrationToken: '{{registrationToken}}',
    },
    select: `${SIGNED_IN} ${MFA_REQUIRED} ... on PasswordNeeded { email }`,
  },
  {
    about: 'Have that mail sent again.',
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
    about: 'Stay signed in. A refresh token works once and yields the next one.',
    operation: 'Refresh',
    field: 'refreshToken',
    input: { refreshToken: '{{refreshToken}}' },
    select: '... on SignedIn { accessToken refreshToken refreshTokenExpiresAt }',
  },
  {
    about: 'Get out. From here on no tab sends the access token.',
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
    about: 'After MfaRequired: the second factor. method: TOTP, EMAIL or BACKUP_CODE.',
    operation: 'VerifyMfa',
    field: 'verifyMfa',
    input: { challengeToken: '{{challengeToken}}', method: 'TOTP', code: '000000' },
    select: `${SIGNED_IN} ... on InvalidCodeError { attemptsRemaining }`,
  },
  {
    about: 'After MfaRequired: a code by mail, for people who use that.',
    operation: 'SendMfaEmailCode',
    field: 'sendMfaEmailCode',
    input: { challengeToken: '{{challengeToken}}' },
    select: EMAIL_SENT,
  },
  {
    about: 'After StepUpRequiredError: prove again who you are, with a password or a code.',
    operation: 'Reauthenticate',
    field: 'reauthenticate',
    input: { password: ADA.password },
    select: `${SIGNED_IN} ... on InvalidCodeError { attemptsRemaining }`,
  },
  {
    about: 'After StepUpRequiredError: a code by mail for `reauthenticate`.',
    operation: 'SendReauthenticationCode',
    field: 'sendReauthenticationCode',
    input: null,
    select: EMAIL_SENT,
  },
  {
    about: 'Set up an authenticator app. The QR code appears beside the answer.',
    operation: 'EnableTotp',
    field: 'enableTotp',
    input: null,
    select:
      '... on TotpEnrollment { secret otpauthUri qrCode expiresAt } ... on StepUpRequiredError { methods }',
  },
  {
    about: 'Turn it on with the 6 digits that the app shows now.',
    operation: 'ConfirmTotp',
    field: 'confirmTotp',
    input: { code: '000000' },
    select: MFA_ENABLED,
  },
  {
    about: 'Turn it off.',
    operation: 'DisableTotp',
    field: 'disableTotp',
    input: null,
    select: '... on MfaDisabled { viewer { mfa { totp email } } }',
  },
  {
    about: 'Codes by mail as a second factor: has the first one mailed.',
    operation: 'EnableEmailMfa',
    field: 'enableEmailMfa',
    input: null,
    select: EMAIL_SENT,
  },
  {
    about: 'Turn them on with the 8 digits of that mail.',
    operation: 'ConfirmEmailMfa',
    field: 'confirmEmailMfa',
    input: { code: CODE },
    select: MFA_ENABLED,
  },
  {
    about: 'Turn them off.',
    operation: 'DisableEmailMfa',
    field: 'disableEmailMfa',
    input: null,
    select: '... on MfaDisabled { viewer { mfa { totp email } } }',
  },
  {
    about: 'Ten new backup codes; the older ones are void.',
    operation: 'RegenerateBackupCodes',
    field: 'regenerateBackupCodes',
    input: null,
    select: '... on BackupCodesGenerated { backupCodes }',
  },
  {
    about: 'Forgot the password: the mail is at /dev/mailbox.',
    operation: 'RequestPasswordReset',
    field: 'requestPasswordReset',
    input: { email: ADA.email },
    select: '... on EmailSent { email expiresAt resendableAt resetToken }',
  },
  {
    about: 'Set a new password with the code of that mail. Ends every session.',
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
    about: 'Change the password, knowing the current one.',
    operation: 'ChangePassword',
    field: 'changePassword',
    input: { currentPassword: ADA.password, newPassword: 'another horse battery staple' },
    select: '... on PasswordChanged { sessionsRevoked } ... on WeakPasswordError { reasons }',
  },
  {
    about: 'Change the name.',
    operation: 'UpdateProfile',
    field: 'updateProfile',
    input: { name: 'Ada Lovelace' },
    select: '... on ProfileUpdated { viewer { user { id name } } }',
  },
  {
    about: 'Ask for another address: the mail goes to the new one.',
    operation: 'RequestEmailChange',
    field: 'requestEmailChange',
    input: { newEmail: 'lovelace@example.com' },
    select: EMAIL_SENT,
  },
  {
    about: 'Use it, with the code of that mail.',
    operation: 'ConfirmEmailChange',
    field: 'confirmEmailChange',
    input: { proof: { code: { email: 'lovelace@example.com', code: CODE } } },
    select: '... on EmailChanged { viewer { user { id email } } }',
  },
  {
    about: 'What a link from a mail would do, before anybody follows it: ?token=… of the link.',
    operation: 'MailedToken',
    field: 'mailedToken',
    kind: 'query',
    input: { token: '…' },
    select: 'kind email requestedAt undoes { type at detail } stays { type at detail }',
  },
  {
    about: 'Back to the address before, with the token of the mail to the old address.',
    operation: 'UndoEmailChange',
    field: 'undoEmailChange',
    input: { token: '…' },
    select: '... on EmailChangeUndone { at email sessionsRevoked }',
  },
  {
    about: 'Undo a change to the account, with the token of the mail that told of it.',
    operation: 'UndoSecurityChange',
    field: 'undoSecurityChange',
    input: { token: '…' },
    select: `... on SecurityChangeUndone { ${UNDONE} sessionsRevoked }`,
  },
  {
    about: 'Go to a provider: open authorizationUrl. /dev/oauth does the round trip by itself.',
    operation: 'StartOAuth',
    field: 'startOAuth',
    input: { provider: 'google', redirectUri: 'http://localhost:4000/oauth/callback/google' },
    select: '... on OAuthStarted { authorizationUrl flowToken links }',
  },
  {
    about: 'Back from the provider: callbackUrl is the whole address that it led to.',
    operation: 'CompleteOAuth',
    field: 'completeOAuth',
    input: {
      flowToken: '{{flowToken}}',
      callbackUrl: 'http://localhost:4000/oauth/callback/google',
    },
    select: `${SIGNED_IN} ${MFA_REQUIRED} ${WAITING} ... on IdentityLinked { identity { id email } }`,
  },
  {
    about: 'Take an account at a provider away. identityId: from Viewer.',
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
    about: 'End every session but this one.',
    operation: 'RevokeOtherSessions',
    field: 'revokeOtherSessions',
    input: null,
    select: '... on SessionsRevoked { count }',
  },
  {
    about: 'What happened on and around the account.',
    operation: 'SecurityEvents',
    field: 'viewer',
    kind: 'query',
    input: null,
    select: 'securityEvents(first: 20) { edges { node { type at ipAddress userAgent } } }',
  },
  {
    about: 'Delete the account, at once and for good.',
    operation: 'DeleteAccount',
    field: 'deleteAccount',
    input: null,
    select: '... on AccountDeleted { at }',
  },
];

/** GraphiQL's first tabs. Made when somebody opens the page: a server in production never does. */
export function starterTabs(): readonly Tab[] {
  return STEPS.map(tabOf);
}

function tabOf({ about, operation, field, kind = 'mutation', input = null, select }: Step): Tab {
  const isQuery = kind === 'query';
  const typeOf = `${operation === 'Refresh' ? 'RefreshToken' : operation}Input!`;
  let [signature, argument] = ['', ''];
  if (input && isQuery) [signature, argument] = ['($token: String!)', '(token: $token)'];
  else if (input) [signature, argument] = [`($input: ${typeOf})`, '(input: $input)'];
  const outcomes = isQuery
    ? select
    : `__typename ${select} ... on InvalidInputError { issues { path message } } ... on Error { message }`;
  const variables = isQuery ? input : { input };
  const document = parse(
    `${kind} ${operation}${signature} { ${field}${argument} { ${outcomes} } }`,
  );
  return {
    query: `# ${about}\n${print(document)}\n`,
    ...(input && { variables: JSON.stringify(variables, null, 2) }),
  };
}
