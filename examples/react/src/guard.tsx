import { type ReactNode, useEffect } from 'react';
import { forgetReturn, rememberReturn, returnPath } from './lib/return-to.ts';
import { navigate } from './lib/router.tsx';
import { useSessionState } from './lib/session.tsx';
import { useMe } from './lib/use-me.ts';
import type { Access } from './routes.ts';
import { Loading } from './ui/page.tsx';

/** Sends people who are not signed in to the sign-in page, and signed-in people away from guest pages. */
export function Guard({
  path,
  access,
  children,
}: {
  readonly path: string;
  readonly access: Access;
  readonly children: ReactNode;
}) {
  const state = useSessionState();
  const { status } = state;
  const left = status === 'signed-out' && state.because === 'signed-out';
  const allowed = access === 'anyone' || (access === 'member') === (status === 'signed-in');

  useEffect(() => {
    // The page has already changed, as in strict mode, where effects run twice.
    if (status === 'starting' || location.pathname !== path) return;
    if (allowed) {
      if (access === 'member') forgetReturn();
      return;
    }
    if (access === 'guest') return navigate(returnPath(), { replace: true });
    // A person who signed out does not want to return to this page.
    if (!left) rememberReturn(path + location.search);
    navigate('/sign-in', { replace: true });
  }, [path, access, allowed, left, status]);

  if (status === 'starting') return <Loading />;
  if (!allowed) return null;
  return access === 'member' ? <Member path={path}>{children}</Member> : children;
}

const ENROLLMENT = '/account/two-step';

/** If the server requires two-step verification, setting it up comes first. */
function Member({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const { me, stale } = useMe();
  const owes = !stale && me?.mfa.enrollmentRequired === true && path !== ENROLLMENT;
  useEffect(() => {
    if (owes) navigate(ENROLLMENT, { replace: true });
  }, [owes]);
  return owes ? null : children;
}
