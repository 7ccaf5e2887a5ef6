import { match } from '@latchkey/client';
import { requestPasswordReset } from '@latchkey/client/operations';
import { useState } from 'react';
import { useLatchkey } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useSignInState } from '../lib/sign-in-state.tsx';
import { Link } from '../navigation.tsx';
import { EmailField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';

/** Requests a password reset. Shows the same message whether or not the address has an account. */
export function ForgotPassword() {
  return (
    <Anybody>
      <ForgotPasswordForm />
    </Anybody>
  );
}

function ForgotPasswordForm() {
  const act = useAct();
  const { session, messages, paths, resets } = useLatchkey();
  const { forgotPassword, common } = messages;
  const { problemOf } = useProblems();
  const { address, setAddress } = useSignInState();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const request = async (value: Values) => {
    // With it, this device has a limit that strangers cannot use up. Null in cookie mode.
    const input = { email: value('email'), deviceToken: session.deviceToken() };
    const outcome = await resets.ask(input.email, () => act(requestPasswordReset, { input }));
    return match(outcome, {
      EmailSent: ({ email }) => {
        setAddress(email);
        setSentTo(email);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  const back = (
    <p className="lk-links">
      <Link to={paths.signIn}>{common.backToSignIn}</Link>
    </p>
  );
  if (sentTo !== null) {
    return (
      <Page title={forgotPassword.sentTitle} lead={forgotPassword.sentLead(sentTo)}>
        <Link to={paths.resetPassword} className="lk-button">
          <span>{forgotPassword.enterCode}</span>
        </Link>
        {back}
      </Page>
    );
  }
  return (
    <Page title={forgotPassword.title} lead={forgotPassword.lead}>
      <Form submit={forgotPassword.submit} onSend={request}>
        <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
      </Form>
      {back}
    </Page>
  );
}
