/** The address of each page. The links in the server's mails lead to APP_URL with the defaults. */
export type Paths = {
  readonly signIn: string;
  readonly signUp: string;
  readonly forgotPassword: string;
  readonly resetPassword: string;
  readonly verifyEmail: string;
  readonly emailSignIn: string;
  readonly acceptInvitation: string;
  readonly confirmEmailChange: string;
  readonly undoEmailChange: string;
  readonly undoSecurityChange: string;
  /** Providers send the browser back to this address, followed by `/` and the id of the provider. */
  readonly oauthCallback: string;
  /** The account pages, and every address below. */
  readonly account: string;
  /** Where a person goes after signing in, unless another page sent them to the sign-in. */
  readonly afterSignIn: string;
};

/** The addresses that the server's mails use. */
export const DEFAULT_PATHS: Paths = {
  signIn: '/sign-in',
  signUp: '/sign-up',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
  verifyEmail: '/verify-email',
  emailSignIn: '/email-sign-in',
  acceptInvitation: '/accept-invitation',
  confirmEmailChange: '/confirm-email-change',
  undoEmailChange: '/undo-email-change',
  undoSecurityChange: '/undo-security-change',
  oauthCallback: '/oauth/callback',
  account: '/account',
  afterSignIn: '/account',
};

/** The query of the sign-in page at its second step. */
const SECOND_STEP = 'step=second';

/** The address of the second step of the sign-in. */
export function secondStepOf(paths: Paths): string {
  return `${paths.signIn}?${SECOND_STEP}`;
}

/** True if the sign-in page is at its second step. */
export function isSecondStep(search: string): boolean {
  return new URLSearchParams(search).get('step') === 'second';
}
