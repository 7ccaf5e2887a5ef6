import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useKept } from '../lib/kept.ts';
import { problemOf } from '../lib/problem.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useMe } from '../lib/use-me.ts';
import { CodeField, EmailField } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { ConfirmEmailChange } from './confirm-email-change.tsx';

const RequestEmailChange = graphql(`
  mutation RequestEmailChange($input: RequestEmailChangeInput!) {
    requestEmailChange(input: $input) {
      __typename
      ... on EmailSent { email expiresAt }
      ...Refusal
    }
  }
`);

/** Requests a change of the email address, and accepts the code that was mailed there. */
export function ChangeEmail() {
  const act = useAct();
  const showMessage = useFlash();
  const { me } = useMe();
  const [sentTo, setSentTo] = useKept<string>('email-change');
  const request = async (value: Values) =>
    match(await act(RequestEmailChange, { input: { newEmail: value('newEmail') } }), {
      EmailSent: ({ email, expiresAt }) => {
        setSentTo(email, expiresAt);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  const confirm = async (value: Values) => {
    const code = { email: sentTo ?? '', code: value('code') };
    return match(await act(ConfirmEmailChange, { input: { proof: { code } } }), {
      EmailChanged: ({ viewer }) => {
        setSentTo(null);
        navigate('/account');
        showMessage(`From now on, sign in with ${viewer.user.email}.`);
        return null;
      },
      InvalidTokenError: () => ({
        summary: 'This code is incorrect or has expired.',
        fields: { code: 'This code is incorrect or has expired.' },
      }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  if (sentTo !== null) {
    return (
      <Page
        title="Confirm your new address"
        lead={`If ${sentTo} is available, a mail is on its way. Open its link, or enter its code here.`}
      >
        <Form submit="Use this address" onSend={confirm}>
          <CodeField hint="The 8 digits in the mail." digits={8} />
        </Form>
        <p className="links">
          <Link to="/account" onFollow={() => setSentTo(null)}>
            Back to your account
          </Link>
        </p>
      </Page>
    );
  }
  return (
    <Page
      title="Change your email address"
      lead={
        me
          ? `Your current address is ${me.user.email}. It stays in use until the new one is confirmed.`
          : 'Your current address stays in use until the new one is confirmed.'
      }
    >
      <Form submit="Send mail" onSend={request}>
        <EmailField name="newEmail" label="New email address" autoComplete="email" />
      </Form>
      <p className="links">
        <Link to="/account">Back to your account</Link>
      </p>
    </Page>
  );
}
