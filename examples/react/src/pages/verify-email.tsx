import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useEnter, useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { useLinkToken } from '../lib/token.ts';
import { CodeField, EmailField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { ResendVerification } from '../ui/resend-verification.tsx';

const VerifyEmail = graphql(`
  mutation VerifyEmail($input: VerifyEmailInput!) {
    verifyEmail(input: $input) {
      __typename
      ...Tokens
      ...Challenge
      ... on PasswordNeeded { email }
      ...Refusal
    }
  }
`);

/** Proves an address, by the mail’s link or its code. Opening the link alone does nothing. */
export function VerifyEmailPage() {
  const act = useAct();
  const { SignedIn, MfaRequired } = useEnter();
  const { address } = useEntrance();
  const token = useLinkToken();

  const verify = async (value: Values) => {
    const proof =
      token === null ? { code: { email: value('email'), code: value('code') } } : { token };
    return match(await act(VerifyEmail, { input: { proof } }), {
      SignedIn,
      MfaRequired,
      PasswordNeeded: ({ email }) => ({
        summary: `Open the mail in the browser in which you signed up with ${email}.`,
        fields: {},
      }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  if (token !== null) {
    return (
      <Page
        title="Confirm your email address"
        lead="Press the button to prove that this address is yours. It signs you in."
      >
        <Form submit="Confirm address" onSend={verify} />
        <ResendVerification />
      </Page>
    );
  }
  return (
    <Page
      title="Check your mail"
      lead={
        address
          ? `We sent a mail to ${address}. Open its link, or type its code here.`
          : 'Open the link in the mail we sent, or type its code here.'
      }
    >
      <Form submit="Confirm address" onSend={verify}>
        <EmailField defaultValue={address} />
        <CodeField hint="The 8 digits of the mail." digits={8} />
      </Form>
      <ResendVerification />
    </Page>
  );
}
