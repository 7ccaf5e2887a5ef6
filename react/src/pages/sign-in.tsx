import { useEffect } from 'react';
import { useLatchkey, useSession } from '../context.ts';
import { GuestsOnly } from '../guard.tsx';
import { useGoToNext, useSignInState } from '../lib/sign-in-state.tsx';
import { useSignIn } from '../lib/use-sign-in.ts';
import { Link, useNavigation } from '../navigation.tsx';
import { isSecondStep } from '../paths.ts';
import { EmailField, PasswordField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { OtherWays } from '../ui/other-ways.tsx';
import { Page } from '../ui/page.tsx';
import { SecondStep } from './second-step.tsx';

/**
 * The sign-in page: an email address and a password, or another way, and then the second step if the account has
 * one. Each step has an address of its own, so the back button and a reload lose nothing.
 */
export function SignIn() {
  const { paths } = useLatchkey();
  const { place, navigate } = useNavigation();
  const { challenge } = useSignInState();
  const { status } = useSession();
  const isSecond = isSecondStep(place.search);
  const isLost = isSecond && challenge === null && status === 'signed-out';
  useEffect(() => {
    if (isLost) navigate(paths.signIn, { replace: true });
  }, [isLost, navigate, paths]);
  return <GuestsOnly>{isSecond ? challenge && <SecondStep /> : <FirstStep />}</GuestsOnly>;
}

function FirstStep() {
  const { messages, paths } = useLatchkey();
  const state = useSession();
  const { address, setAddress, submitPassword } = useSignIn({ onNext: useGoToNext() });
  const hasEnded = state.status === 'signed-out' && state.because === 'ended';
  const { signIn } = messages;
  const submit = (value: Values) =>
    submitPassword({ email: value('email'), password: value('password') });
  return (
    <Page title={signIn.title} {...(hasEnded && { lead: signIn.ended })}>
      <OtherWays />
      <Form submit={signIn.submit} onSend={submit}>
        <EmailField
          autoComplete="username webauthn"
          defaultValue={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        <PasswordField beside={<Link to={paths.forgotPassword}>{signIn.forgot}</Link>} />
      </Form>
      <p className="lk-links">
        {signIn.newHere} <Link to={paths.signUp}>{signIn.createAccount}</Link>
      </p>
    </Page>
  );
}
