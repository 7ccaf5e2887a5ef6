import { Link } from '../lib/router.tsx';
import { useSessionState } from '../lib/session.tsx';
import { Page } from './page.tsx';

/** For a link or code that this browser has already sent: it worked, or its response was lost. */
export function ProofUsedPage({ title }: { readonly title: string }) {
  const signedIn = useSessionState().status === 'signed-in';
  return (
    <Page
      title={title}
      lead="This browser already used it. It works only once, and your request is complete."
    >
      <p className="links">
        <Link to={signedIn ? '/account' : '/sign-in'}>
          {signedIn ? 'Go to your account' : 'Sign in'}
        </Link>
      </p>
    </Page>
  );
}
