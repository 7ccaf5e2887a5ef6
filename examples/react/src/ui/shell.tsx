import type { ReactNode } from 'react';
import { Link } from '../lib/router.tsx';
import { useSessionState, useUnreached } from '../lib/session.tsx';
import { AccountNav } from './account-nav.tsx';
import { SignOut } from './sign-out.tsx';

/** The frame around every page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const state = useSessionState();
  const signedIn = state.status === 'signed-in';
  const offline = signedIn && state.offline;
  const unreached = useUnreached();
  return (
    <div className="shell" data-signed-in={signedIn || undefined}>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header>
        <Link to="/" className="brand">
          <img src="/key.svg" alt="" width="28" height="28" />
          Latchkey
        </Link>
        {signedIn && <SignOut />}
      </header>
      <p role="status" className="offline">
        {offline && 'The server cannot be reached. You stay signed in.'}
        {unreached && 'The server cannot be reached. We will keep trying.'}
      </p>
      {signedIn && <AccountNav />}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
