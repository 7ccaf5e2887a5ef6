import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useEnter, useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { registrations } from '../lib/proofs.ts';
import { Link } from '../lib/router.tsx';
import { useSession, useSessionState } from '../lib/session.tsx';
import { EmailField, PasswordField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { ProviderButtons } from '../ui/provider-buttons.tsx';

const Login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      __typename
      ...Tokens
      ...Challenge
      ...Waiting
      ...Refusal
    }
  }
`);

/** Signs in with an email address and a password, or with a provider. */
export function SignIn() {
  const act = useAct();
  const enter = useEnter();
  const session = useSession();
  const state = useSessionState();
  const { address, setAddress } = useEntrance();
  const ended = state.status === 'signed-out' && state.because === 'ended';

  const signIn = async (value: Values) => {
    const email = value('email');
    setAddress(email);
    // Keeps this device from being locked out by strangers who guess the password. Null in cookie mode.
    const deviceToken = session.deviceToken();
    const registrationToken = registrations.tokenFor(email);
    const input = { email, password: value('password'), deviceToken, registrationToken };
    return match(await act(Login, { input }), {
      ...enter,
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <Page title="Sign in" {...(ended && { lead: 'Your session has ended. Sign in to continue.' })}>
      <Form submit="Sign in" onSend={signIn}>
        <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
        <PasswordField />
      </Form>
      <p className="links">
        <Link to="/forgot-password">Forgot your password?</Link>
      </p>
      <p className="links">
        New here? <Link to="/register">Create an account</Link>
      </p>
      <ProviderButtons />
    </Page>
  );
}
