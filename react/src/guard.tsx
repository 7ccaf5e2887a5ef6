import { type ReactNode, useEffect } from 'react';
import { useLatchkey, useSession } from './context.ts';
import { forgetReturn, isOwnPath, rememberReturn, returnPath } from './lib/return-to.ts';
import { useViewer } from './lib/use-viewer.ts';
import { useNavigation } from './navigation.tsx';
import { LoadingPage } from './ui/page.tsx';

/** Shows its children while somebody is signed in. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  return useSession().status === 'signed-in' ? children : null;
}

/** Shows its children while it is certain that nobody is signed in. */
export function SignedOut({ children }: { readonly children: ReactNode }) {
  return useSession().status === 'signed-out' ? children : null;
}

/**
 * Sends people who are not signed in to the sign-in page, and back here afterwards. If the server requires two-step
 * verification, setting it up comes first.
 */
export function RequireAuth({
  fallback,
  children,
}: {
  /** Shown until it is known whether somebody is signed in. */
  readonly fallback?: ReactNode;
  readonly children: ReactNode;
}) {
  const { paths } = useLatchkey();
  const { here, navigate, place } = useNavigation();
  const state = useSession();
  const { status } = state;
  const hasLeft = status === 'signed-out' && state.because === 'signed-out';

  useEffect(() => {
    if (status === 'starting') return;
    if (status === 'signed-in') return forgetReturn();
    const { pathname, search } = here();
    // The page has already changed, as in strict mode, where effects run twice.
    if (pathname === paths.signIn) return;
    // A person who signed out does not want to return to this page.
    if (!hasLeft) rememberReturn(pathname + search);
    navigate(paths.signIn, { replace: true });
  }, [status, hasLeft, here, navigate, paths]);

  const { viewer, isStale } = useViewer();
  const enrollment = `${paths.account}/two-step`;
  const isEnrolling = [enrollment, `${paths.account}/passkeys`].includes(place.pathname);
  const mustEnroll = !isStale && viewer?.mfa.enrollmentRequired === true && !isEnrolling;
  useEffect(() => {
    if (mustEnroll) navigate(enrollment, { replace: true });
  }, [mustEnroll, navigate, enrollment]);

  if (status === 'starting') return fallback ?? <LoadingPage />;
  return status === 'signed-in' && !mustEnroll ? children : null;
}

/** For pages of people who are not signed in: sends signed-in people to where they wanted to go. */
export function GuestsOnly({ children }: { readonly children: ReactNode }) {
  const { paths } = useLatchkey();
  const { here, navigate } = useNavigation();
  const { status } = useSession();
  useEffect(() => {
    const wanted = new URLSearchParams(here().search).get('return_to');
    if (wanted !== null && isOwnPath(wanted)) rememberReturn(wanted);
    if (status === 'signed-in') navigate(returnPath(paths), { replace: true });
  }, [status, here, navigate, paths]);
  if (status === 'starting') return <LoadingPage />;
  return status === 'signed-in' ? null : children;
}

/** For pages that everybody may see, once it is known whether somebody is signed in. */
export function Anybody({ children }: { readonly children: ReactNode }) {
  return useSession().status === 'starting' ? <LoadingPage /> : children;
}
