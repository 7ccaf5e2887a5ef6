import type { ComponentType } from 'react';
import { AccountPage } from './pages/account.tsx';
import { Activity } from './pages/activity.tsx';
import { ChangeEmail } from './pages/change-email.tsx';
import { ChangePasswordPage } from './pages/change-password.tsx';
import { ConfirmEmailChangePage } from './pages/confirm-email-change.tsx';
import { DeleteAccountPage } from './pages/delete-account.tsx';
import { ForgotPassword } from './pages/forgot-password.tsx';
import { NotFound } from './pages/not-found.tsx';
import { OAuthCallback } from './pages/oauth-callback.tsx';
import { RegisterPage } from './pages/register.tsx';
import { ResetPasswordPage } from './pages/reset-password.tsx';
import { SecondStep } from './pages/second-step.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { TwoStep } from './pages/two-step.tsx';
import { UndoEmailChangePage } from './pages/undo-email-change.tsx';
import { UndoSecurityChangePage } from './pages/undo-security-change.tsx';
import { VerifyEmailPage } from './pages/verify-email.tsx';

/** Who a page is for: `guest` for people who are not signed in, `member` for signed-in people. */
export type Access = 'anyone' | 'guest' | 'member';
type Route = { readonly page: ComponentType; readonly access: Access };

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { page: SignIn, access: 'guest' },
  '/sign-in': { page: SignIn, access: 'guest' },
  '/register': { page: RegisterPage, access: 'guest' },
  '/second-step': { page: SecondStep, access: 'guest' },
  '/verify-email': { page: VerifyEmailPage, access: 'anyone' },
  '/forgot-password': { page: ForgotPassword, access: 'anyone' },
  '/reset-password': { page: ResetPasswordPage, access: 'anyone' },
  '/undo-email-change': { page: UndoEmailChangePage, access: 'anyone' },
  '/undo-security-change': { page: UndoSecurityChangePage, access: 'anyone' },
  '/confirm-email-change': { page: ConfirmEmailChangePage, access: 'member' },
  '/account': { page: AccountPage, access: 'member' },
  '/account/email': { page: ChangeEmail, access: 'member' },
  '/account/password': { page: ChangePasswordPage, access: 'member' },
  '/account/two-step': { page: TwoStep, access: 'member' },
  '/account/sessions': { page: SessionsPage, access: 'member' },
  '/account/activity': { page: Activity, access: 'member' },
  '/account/delete': { page: DeleteAccountPage, access: 'member' },
};

/** Followed by the provider's id. */
const OAUTH_CALLBACK = '/oauth/callback/';

/** The page of a path. */
export function routeOf(path: string): Route {
  if (path.startsWith(OAUTH_CALLBACK)) return { page: OAuthCallback, access: 'anyone' };
  const known = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  return known ?? { page: NotFound, access: 'anyone' };
}
