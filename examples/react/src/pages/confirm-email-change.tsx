import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { problemOf } from '../lib/problem.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useLinkToken } from '../lib/token.ts';
import { useFlash } from '../ui/flash.tsx';
import { Form } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';

/** Makes the change to a new address. */
export const ConfirmEmailChange = graphql(`
  mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {
    confirmEmailChange(input: $input) {
      __typename
      ... on EmailChanged { viewer { user { id email } } }
      ...Refusal
    }
  }
`);

/** Where the link in the mail to the new address leads. */
export function ConfirmEmailChangePage() {
  const act = useAct();
  const tell = useFlash();
  const token = useLinkToken();
  if (token === null) {
    return (
      <Page
        title="Confirm your new address"
        lead="Open the link in the mail again, or type its code where you asked for the change."
      >
        <Link to="/account/email">Change your email address</Link>
      </Page>
    );
  }
  const confirm = async () =>
    match(await act(ConfirmEmailChange, { input: { proof: { token } } }), {
      EmailChanged: ({ viewer }) => {
        navigate('/account', { replace: true });
        tell(`You sign in with ${viewer.user.email} from now on.`);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page
      title="Confirm your new address"
      lead="You sign in with it from then on. Every other session is signed out."
    >
      <Form submit="Use this address" onSend={confirm} />
    </Page>
  );
}
