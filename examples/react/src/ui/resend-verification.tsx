import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { EmailField } from './field.tsx';
import { useFlash } from './flash.tsx';
import { Form, type Values } from './form.tsx';

const ResendEmailVerification = graphql(`
  mutation ResendEmailVerification($input: ResendEmailVerificationInput!) {
    resendEmailVerification(input: $input) {
      __typename
      ... on EmailSent { email }
      ...Refusal
    }
  }
`);

/** For a mail that did not come, or came too late. */
export function ResendVerification() {
  const act = useAct();
  const tell = useFlash();
  const { address } = useEntrance();
  const resend = async (value: Values) =>
    match(await act(ResendEmailVerification, { input: { email: value('email') } }), {
      EmailSent: ({ email }) => {
        tell(`If ${email} waits to be confirmed, another mail is on its way.`);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <details>
      <summary>No mail?</summary>
      <p>Look in the spam folder. Another mail makes the one before worthless.</p>
      <Form submit="Send another mail" onSend={resend}>
        <EmailField label="Send it to" defaultValue={address} />
      </Form>
    </details>
  );
}
