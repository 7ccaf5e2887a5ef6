import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { problemOf } from '../lib/problem.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useLinkToken } from '../lib/token.ts';
import { useFlash } from '../ui/flash.tsx';
import { Form } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';

/** Changes the account to a new address. */
export const ConfirmEmailChange = graphql(`
  mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {
    confirmEmailChange(input: $input) {
      __typename
      ... on EmailChanged { viewer { user { id email } } }
      ...Refusal
    }
  }
`);

/** The page of the link in the mail to the new address. */
export function ConfirmEmailChangePage() {
  const act = useAct();
  const showMessage = useFlash();
  const token = useLinkToken();
  if (token === null) {
    return (
      <Page
        title="Confirm your new address"
        lead="Open the link in the mail again, or enter its code where you requested the change."
      >
        <Link to="/account/email">Change your email address</Link>
      </Page>
    );
  }
  const confirm = async () =>
    match(await act(ConfirmEmailChange, { input: { proof: { token } } }), {
      EmailChanged: ({ viewer }) => {
        navigate('/account', { replace: true });
        showMessage(`From now on, sign in with ${viewer.user.email}.`);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page
      title="Confirm your new address"
      lead="From then on you sign in with it. All other sessions will be signed out."
    >
      <Form submit="Use this address" onSend={confirm} />
    </Page>
  );
}
