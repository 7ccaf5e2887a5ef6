import { match } from '@latchkey/client';
import { resendEmailVerification } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useSignInState } from '../lib/sign-in-state.tsx';
import { useSecondsUntil } from '../lib/use-seconds-until.ts';
import { EmailField } from './field.tsx';
import { useFlash } from './flash.tsx';
import { Form, type Values } from './form.tsx';

/** For a mail that did not arrive or arrived too late. */
export function ResendVerification() {
  const act = useAct();
  const showMessage = useFlash();
  const { messages, registrations } = useLatchkey();
  const { verifyEmail } = messages;
  const { problemOf } = useProblems();
  const { address, resendableAt, setAddress } = useSignInState();
  const seconds = useSecondsUntil(resendableAt);
  const resend = async (value: Values) => {
    const email = value('email');
    const outcome = await registrations.ask(email, (registrationToken) =>
      act(resendEmailVerification, { input: { email, registrationToken } }),
    );
    return match(outcome, {
      EmailSent: (sent) => {
        setAddress(sent.email, sent.resendableAt);
        showMessage(verifyEmail.resent(sent.email));
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <details className="lk-details">
      <summary>{verifyEmail.noMail}</summary>
      <p>{verifyEmail.noMailLead}</p>
      {seconds > 0 ? (
        <p className="lk-hint">{verifyEmail.wait(seconds)}</p>
      ) : (
        <Form kind="plain" submit={verifyEmail.resend} onSend={resend}>
          <EmailField label={verifyEmail.resendTo} defaultValue={address} />
        </Form>
      )}
    </details>
  );
}
