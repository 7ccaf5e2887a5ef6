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

/** Asks for the mail that leads to a new password. */
export const RequestPasswordReset = graphql(`
  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
    requestPasswordReset(input: $input) {
      __typename
      ... on EmailSent { email expiresAt resetToken }
      ...Refusal
    }
  }
`);

/** Has the way to a new password mailed. Says the same whether anybody has the address. */
export function ForgotPassword() {
  const act = useAct();
  const session = useSession();
  const { address, setAddress } = useEntrance();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const request = async (value: Values) => {
    // Lets this device past the budget that strangers used up; null in cookie mode.
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
        lead={`If somebody has an account with ${sentTo}, a mail is on its way there. Open its link to choose a new password.`}
      >
        <p className="links">
          <Link to="/reset-password">Type the code instead</Link>
        </p>
        <p className="links">
          <Link to="/sign-in">Back to sign-in</Link>
        </p>
      </Page>
    );
  }
  return (
    <Page title="Forgot your password?" lead="We mail you a link to choose a new one.">
      <Form submit="Send the mail" onSend={request}>
        <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
      </Form>
      <p className="links">
        <Link to="/sign-in">Back to sign-in</Link>
      </p>
    </Page>
  );
}
