import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useEntrance } from '../lib/enter.tsx';
import { duration, problemOf } from '../lib/problem.ts';
import { registrations } from '../lib/proofs.ts';
import { useSecondsUntil } from '../lib/use-seconds-until.ts';
import { EmailField } from './field.tsx';
import { useFlash } from './flash.tsx';
import { Form, type Values } from './form.tsx';

const ResendEmailVerification = graphql(`
  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {
    resendEmailVerification(input: $input) {
      __typename
      ... on EmailSent { email expiresAt resendableAt }
      ...Refusal
    }
  }
`);

/** For a mail that did not arrive or arrived too late. */
export function ResendVerification() {
  const act = useAct();
  const showMessage = useFlash();
  const { address, resendableAt, setAddress } = useEntrance();
  const seconds = useSecondsUntil(resendableAt);
  const resend = async (value: Values) => {
    const email = value('email');
    const outcome = await registrations.ask(email, (registrationToken) =>
      act(ResendEmailVerification, { input: { email, registrationToken } }),
    );
    return match(outcome, {
      EmailSent: (sent) => {
        setAddress(sent.email, sent.resendableAt);
        showMessage(`If ${sent.email} still needs to be confirmed, another mail is on its way.`);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <details>
      <summary>No mail?</summary>
      <p>Check your spam folder too. A mail can take a few minutes.</p>
      {seconds > 0 ? (
        <p className="hint">You can request another mail in {duration(seconds)}.</p>
      ) : (
        <Form submit="Send another mail" onSend={resend}>
          <EmailField label="Send it to" defaultValue={address} />
        </Form>
      )}
    </details>
  );
}
