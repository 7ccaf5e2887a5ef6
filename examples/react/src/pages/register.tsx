import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { useEnter, useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { registrations } from '../lib/proofs.ts';
import { Link } from '../lib/router.tsx';
import { EmailField, Field, PasswordField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { ProviderButtons } from '../ui/provider-buttons.tsx';

const Register = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      __typename
      ...Tokens
      ...Challenge
      ...Waiting
      ...Refusal
    }
  }
`);

/** Registers an account. */
export function RegisterPage() {
  const act = useAct();
  const enter = useEnter();
  const settings = useAuthSettings();
  const { address, setAddress } = useEntrance();

  const register = async (value: Values) => {
    const name = value('name').trim();
    const email = value('email');
    const input = { email, password: value('password'), name: name || null };
    const outcome = await registrations.ask(email, (registrationToken) =>
      act(Register, { input: { ...input, registrationToken } }),
    );
    return match(outcome, {
      ...enter,
      EmailTakenError: ({ message }) => ({ summary: message, fields: { email: message } }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <Page title="Create an account">
      <Form submit="Create account" onSend={register}>
        <Field name="name" label="Name (optional)" autoComplete="name" maxLength={200} />
        <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
        <PasswordField
          fresh
          hint={`At least ${settings?.passwordMinLength ?? 8} characters. Several words are better than one.`}
        />
      </Form>
      <p className="links">
        Have an account? <Link to="/sign-in">Sign in</Link>
      </p>
      <ProviderButtons />
    </Page>
  );
}
