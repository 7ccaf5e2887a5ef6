import { match } from '@latchkey/client';
import { type VerifyEmailInput, verifyEmail } from '@latchkey/client/operations';
import type { MailedProof } from '@latchkey/client/proofs';
import { useEffect, useState } from 'react';
import { useLatchkey, useSession } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { returnPath } from '../lib/return-to.ts';
import { usePageOutcomes, useSignInState } from '../lib/sign-in-state.tsx';
import { usePasswordLength } from '../lib/use-auth-settings.ts';
import { useLinkToken } from '../lib/use-link-token.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { useNavigation } from '../navigation.tsx';
import { CodeField, EmailField, Field, PasswordField, Username } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { MailedFor } from '../ui/mailed-for.tsx';
import { LoadingPage, Page } from '../ui/page.tsx';
import { ProofUsedPage } from '../ui/proof-used.tsx';
import { ResendVerification } from '../ui/resend-verification.tsx';

/** A valid proof that still needs a password: another browser signed up, or someone else did. */
type Open = { readonly email: string; readonly proof: MailedProof };

/** Verifies an email address with the link or the code from the mail. Opening the link alone does nothing. */
export function VerifyEmail() {
  return (
    <Anybody>
      <VerifyEmailForm />
    </Anybody>
  );
}

function VerifyEmailForm() {
  const act = useAct();
  const { SignedIn, MfaRequired } = usePageOutcomes();
  const { messages, paths, registrations } = useLatchkey();
  const { verifyEmail: words, fields } = messages;
  const { navigate } = useNavigation();
  const { problemOf } = useProblems();
  const { address, setAddress } = useSignInState();
  const length = usePasswordLength();
  const token = useLinkToken();
  const { mailed } = useMailedToken(token, 'VERIFY_EMAIL');
  const [open, setOpen] = useState<Open | null>(null);
  const [isUsed, setUsed] = useState(false);

  const prove = async (
    proof: MailedProof,
    typed: Pick<VerifyEmailInput, 'password' | 'name'> = {},
  ) => {
    const outcome = await registrations.prove(
      proof,
      (registrationToken) => act(verifyEmail, { input: { proof, registrationToken, ...typed } }),
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
  const isSignedIn = useSession().status === 'signed-in';
  const { viewer } = useViewer();
  const isDone = isSignedIn && token === null && !open && viewer?.user.emailVerified === true;
  useEffect(() => {
    if (isDone && !isUsed) navigate(returnPath(paths), { replace: true });
  }, [isDone, isUsed, navigate, paths]);

  if (isUsed) return <ProofUsedPage />;
  if (open) {
    return (
      <Page title={words.passwordTitle} lead={words.passwordLead(open.email)}>
        <Form
          submit={words.passwordSubmit}
          onSend={(value) =>
            prove(open.proof, { password: value('password'), name: value('name') })
          }
        >
          <Username email={open.email} />
          <Field name="name" label={fields.nameOptional} autoComplete="name" maxLength={200} />
          <PasswordField fresh hint={words.passwordHint(length)} />
        </Form>
      </Page>
    );
  }
  if (token !== null) {
    return (
      <Page title={words.linkTitle} lead={words.linkLead}>
        <Form submit={words.submit} onSend={() => prove({ token })} />
        {mailed && <MailedFor mailed={mailed} />}
        <ResendVerification />
      </Page>
    );
  }
  // Until it is known whether a signed-in person still has to verify the address.
  if (isSignedIn && (isDone || !viewer)) return <LoadingPage />;
  const byCode = (value: Values) => prove({ code: { email: value('email'), code: value('code') } });
  return (
    <Page title={words.title} lead={words.lead(address)}>
      <Form submit={words.submit} onSend={byCode}>
        <EmailField defaultValue={address} />
        <CodeField hint={fields.latestMailCodeHint} digits={8} />
      </Form>
      <ResendVerification />
    </Page>
  );
}
