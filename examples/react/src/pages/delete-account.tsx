import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { problemOf } from '../lib/problem.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useSession } from '../lib/session.tsx';
import { Check } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';

const DeleteAccount = graphql(`
  mutation DeleteAccount {
    deleteAccount {
      __typename
      ... on AccountDeleted { at }
      ...Refusal
    }
  }
`);

/** Deletes the account permanently. */
export function DeleteAccountPage() {
  const act = useAct();
  const showMessage = useFlash();
  const session = useSession();
  const remove = async () =>
    match(await act(DeleteAccount, {}), {
      AccountDeleted: async () => {
        const signedOut = session.signOut();
        navigate('/sign-in');
        showMessage('Your account was deleted.');
        await signedOut;
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page
      title="Delete your account"
      lead="Your profile, your sessions and every way to sign in are removed immediately. They cannot be restored."
    >
      <Form submit="Delete my account" danger onSend={remove}>
        <Check name="understood" label="I understand that this cannot be undone" />
      </Form>
      <p className="links">
        <Link to="/account">Keep my account</Link>
      </p>
    </Page>
  );
}
