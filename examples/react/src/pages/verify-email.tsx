import { match } from '@latchkey/client';
import type { MailedProof } from '@latchkey/client/proofs';
import { useEffect, useState } from 'react';
import { graphql } from '../generated';
import type { VerifyEmailInput } from '../generated/graphql';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { useEnter, useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { registrations } from '../lib/proofs.ts';
import { returnPath } from '../lib/return-to.ts';
import { navigate } from '../lib/router.tsx';
import { useSessionState } from '../lib/session.tsx';
import { useLinkToken } from '../lib/token.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { useMe } from '../lib/use-me.ts';
import { CodeField, EmailField, Field, PasswordField, Username } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { MailedFor } from '../ui/mailed-for.tsx';
import { Loading, Page } from '../ui/page.tsx';
import { ProofUsedPage } from '../ui/proof-used.tsx';
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

/** A valid proof that still needs a password: another browser signed up, or someone else did. */
type Open = { readonly email: string; readonly proof: MailedProof };

/** Verifies an email address with the link or the code from the mail. Opening the link alone does nothing. */
export function VerifyEmailPage() {
  const act = useAct();
  const { SignedIn, MfaRequired } = useEnter();
  const { address, setAddress } = useEntrance();
  const settings = useAuthSettings();
  const token = useLinkToken();
  const { mailed } = useMailedToken(token, 'VERIFY_EMAIL');
  const [open, setOpen] = useState<Open | null>(null);
  const [used, setUsed] = useState(false);

  const prove = async (
    proof: MailedProof,
    typed: Pick<VerifyEmailInput, 'password' | 'name'> = {},
  ) => {
    const outcome = await registrations.prove(
      proof,
      (registrationToken) => act(VerifyEmail, { input: { proof, registrationToken, ...typed } }),
      typed.password ? open?.email : undefined,
    );
    return match(outcome, {
      SignedIn,
      MfaRequired,
      PasswordNeeded: ({ email }) => {
        setAddress(email);
        setOpen({ email, proof });
        return null;
      },
      ProofUsed: () => {
        setUsed(true);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };

  // The person came back to this page or signed in in another tab, so there is no mail to check.
  const isSignedIn = useSessionState().status === 'signed-in';
  const { me } = useMe();
  const isDone = isSignedIn && token === null && !open && me?.user.emailVerified === true;
  useEffect(() => {
    if (isDone && !used) navigate(returnPath(), { replace: true });
  }, [isDone, used]);

  if (used) return <ProofUsedPage title="This mail was already used" />;
  if (open) {
    return (
      <Page
        title="Choose a password"
        lead={`The mail to ${open.email} was opened in a different browser than the one used to sign up. Choose the password of your account here.`}
      >
        <Form
          submit="Set password and sign in"
          onSend={(value) =>
            prove(open.proof, { password: value('password'), name: value('name') })
          }
        >
          <Username email={open.email} />
          <Field name="name" label="Name (optional)" autoComplete="name" maxLength={200} />
          <PasswordField
            fresh
            hint={`At least ${settings?.passwordMinLength ?? 8} characters. If your account already has a password, enter that one.`}
          />
        </Form>
      </Page>
    );
  }
  if (token !== null) {
    return (
      <Page
        title="Confirm your email address"
        lead="Press the button to confirm that this email address is yours. You will be signed in."
      >
        <Form submit="Confirm address" onSend={() => prove({ token })} />
        {mailed && <MailedFor mailed={mailed} />}
        <ResendVerification />
      </Page>
    );
  }
  // Until it is known whether a signed-in person still has to verify the address.
  if (isSignedIn && (isDone || !me)) return <Loading />;
  const byCode = (value: Values) => prove({ code: { email: value('email'), code: value('code') } });
  return (
    <Page
      title="Check your mail"
      lead={
        address
          ? `We sent a mail to ${address}. Open its link, or enter its code here.`
          : 'Open the link in the mail we sent, or enter its code here.'
      }
    >
      <Form submit="Confirm address" onSend={byCode}>
        <EmailField defaultValue={address} />
        <CodeField hint="The 8 digits in the latest mail." digits={8} />
      </Form>
      <ResendVerification />
    </Page>
  );
}
