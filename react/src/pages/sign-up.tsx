import { match } from '@latchkey/client';
import { register } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { GuestsOnly } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { usePageOutcomes, useSignInState } from '../lib/sign-in-state.tsx';
import { usePasswordLength } from '../lib/use-auth-settings.ts';
import { Link } from '../navigation.tsx';
import { EmailField, Field, PasswordField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { OtherWays } from '../ui/other-ways.tsx';
import { Page } from '../ui/page.tsx';

/** The sign-up page. The mail that follows it leads to `VerifyEmail`. */
export function SignUp() {
  return (
    <GuestsOnly>
      <SignUpForm />
    </GuestsOnly>
  );
}

function SignUpForm() {
  const act = useAct();
  const outcomes = usePageOutcomes();
  const { messages, paths, registrations } = useLatchkey();
  const { signUp, fields } = messages;
  const { problemOf } = useProblems();
  const { address, setAddress } = useSignInState();
  const length = usePasswordLength();

  const submit = async (value: Values) => {
    const name = value('name').trim();
    const email = value('email');
    const input = { email, password: value('password'), name: name || null };
    const outcome = await registrations.ask(email, (registrationToken) =>
      act(register, { input: { ...input, registrationToken } }),
    );
    return match(outcome, {
      ...outcomes,
      EmailTakenError: ({ message }) => ({ summary: message, fields: { email: message } }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <Page title={signUp.title}>
      <OtherWays newAccount />
      <Form submit={signUp.submit} onSend={submit}>
        <Field name="name" label={fields.nameOptional} autoComplete="name" maxLength={200} />
        <EmailField defaultValue={address} onChange={(event) => setAddress(event.target.value)} />
        <PasswordField fresh hint={fields.passwordAdvice(length)} />
      </Form>
      <p className="lk-links">
        {signUp.haveAccount} <Link to={paths.signIn}>{signUp.signIn}</Link>
      </p>
    </Page>
  );
}
