import { useLatchkey, useSession } from '../context.ts';
import { Link } from '../navigation.tsx';
import { Page } from './page.tsx';

/** For a link or code that this browser has already sent: it worked, or its response was lost. */
export function ProofUsedPage() {
  const { messages, paths } = useLatchkey();
  const { verifyEmail, signIn } = messages;
  const isSignedIn = useSession().status === 'signed-in';
  return (
    <Page title={verifyEmail.usedTitle} lead={verifyEmail.usedLead}>
      <Link to={isSignedIn ? paths.account : paths.signIn} className="lk-button lk-primary">
        <span>{isSignedIn ? verifyEmail.usedToAccount : signIn.title}</span>
      </Link>
    </Page>
  );
}
