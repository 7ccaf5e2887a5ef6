import type { ComponentType } from 'react';
import { AccountPage } from './pages/account.tsx';
import { NotFound } from './pages/not-found.tsx';
import { RegisterPage } from './pages/register.tsx';
import { SecondStep } from './pages/second-step.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { VerifyEmailPage } from './pages/verify-email.tsx';

/** Who a page is for: `guest` is who is not signed in, `member` who is. */
export type Access = 'anyone' | 'guest' | 'member';
type Route = { readonly page: ComponentType; readonly access: Access };

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { page: SignIn, access: 'guest' },
  '/sign-in': { page: SignIn, access: 'guest' },
  '/register': { page: RegisterPage, access: 'guest' },
  '/second-step': { page: SecondStep, access: 'guest' },
  '/verify-email': { page: VerifyEmailPage, access: 'anyone' },
  '/account': { page: AccountPage, access: 'member' },
};

/** The page of a path. */
export function routeOf(path: string): Route {
  const known = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  return known ?? { page: NotFound, access: 'anyone' };
}
