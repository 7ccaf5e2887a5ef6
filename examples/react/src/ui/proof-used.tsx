import { Link } from '../lib/router.tsx';
import { useSessionState } from '../lib/session.tsx';
import { Page } from './page.tsx';

/** For a link or code that this browser has sent before: it worked, or its answer was lost. */
export function ProofUsedPage({ title }: { readonly title: string }) {
  const signedIn = useSessionState().status === 'signed-in';
  return (
    <Page
      title={title}
      lead="This browser has used it before. It works once, and what you asked for is done."
    >
      <p className="links">
        <Link to={signedIn ? '/account' : '/sign-in'}>
          {signedIn ? 'Go to your account' : 'Sign in'}
        </Link>
      </p>
    </Page>
  );
}
