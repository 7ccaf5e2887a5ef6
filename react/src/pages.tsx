import type { ComponentType, ReactNode } from 'react';
import { AccountPages } from './account/account-pages.tsx';
import { useLatchkey } from './context.ts';
import { useNavigation } from './navigation.tsx';
import { AcceptInvitation } from './pages/accept-invitation.tsx';
import { ConfirmEmailChange } from './pages/confirm-email-change.tsx';
import { EmailSignIn } from './pages/email-sign-in.tsx';
import { ForgotPassword } from './pages/forgot-password.tsx';
import { NotFound } from './pages/not-found.tsx';
import { OAuthCallback } from './pages/oauth-callback.tsx';
import { ResetPassword } from './pages/reset-password.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { SignUp } from './pages/sign-up.tsx';
import { UndoEmailChange } from './pages/undo-email-change.tsx';
import { UndoSecurityChange } from './pages/undo-security-change.tsx';
import { VerifyEmail } from './pages/verify-email.tsx';
import type { Paths } from './paths.ts';

type PageName = Exclude<keyof Paths, 'afterSignIn'>;

const PAGES: Readonly<Record<PageName, ComponentType>> = {
  signIn: SignIn,
  signUp: SignUp,
  forgotPassword: ForgotPassword,
  resetPassword: ResetPassword,
  verifyEmail: VerifyEmail,
  emailSignIn: EmailSignIn,
  acceptInvitation: AcceptInvitation,
  confirmEmailChange: ConfirmEmailChange,
  undoEmailChange: UndoEmailChange,
  undoSecurityChange: UndoSecurityChange,
  oauthCallback: OAuthCallback,
  account: AccountPages,
};

/** Pages whose addresses go on. */
const HAS_MORE: readonly PageName[] = ['oauthCallback', 'account'];

/** Every page of this package, each at its path, for an app without a router of its own. */
export function LatchkeyPages({
  fallback,
}: {
  /** Shown at every other address. */
  readonly fallback?: ReactNode;
}) {
  const { paths } = useLatchkey();
  const { pathname } = useNavigation().place;
  const name = (Object.keys(PAGES) as PageName[]).find(
    (one) =>
      pathname === paths[one] || (HAS_MORE.includes(one) && pathname.startsWith(`${paths[one]}/`)),
  );
  if (name === undefined) return fallback ?? <NotFound />;
  const Page = PAGES[name];
  // Another page starts from the beginning, also if it is the same component.
  return <Page key={name} />;
}
