import { match } from '@latchkey/client';
import { useState } from 'react';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { resets } from '../lib/proofs.ts';
import { Link } from '../lib/router.tsx';
import { useSession } from '../lib/session.tsx';
import { EmailField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';

/** Requests a mail to reset the password. */
export const RequestPasswordReset = graphql(`
  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
    requestPasswordReset(input: $input) {
      __typename
      ... on EmailSent { email expiresAt resetToken }
      ...Refusal
    }
  }
`);

/** Requests a password reset. Shows the same message whether or not the address has an account. */
export function ForgotPassword() {
  const act = useAct();
  const session = useSession();
  const { address, setAddress } = useEntrance();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const request = async (value: Values) => {
    // With it, this device has a limit that strangers cannot use up. Null in cookie mode.
    const input = { email: value('email'), deviceToken: session.deviceToken() };
    const outcome = await resets.ask(input.email, () => act(RequestPasswordReset, { input }));
    return match(outcome, {
      EmailSent: ({ email }) => {
        setAddress(email);
        setSentTo(email);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  if (sentTo !== null) {
    return (
      <Page
        title="Check your mail"
        lead={`If an account with ${sentTo} exists, a mail is on its way. Open its link to choose a new password.`}
      >
        <p className="links">
          <Link to="/reset-password">Enter the code instead</Link>
        </p>
        <p className="links">
          <Link to="/sign-in">Back to sign-in</Link>
        </p>
      </Page>
    );
  }
  return (
    <Page title="Forgot your password?" lead="We will mail you a link to choose a new one.">
      <Form submit="Send mail" onSend={request}>
        <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
      </Form>
      <p className="links">
        <Link to="/sign-in">Back to sign-in</Link>
      </p>
    </Page>
  );
}
