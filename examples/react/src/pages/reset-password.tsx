import { match } from '@latchkey/client';
import { useState } from 'react';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { useEntrance } from '../lib/enter.tsx';
import { problemOf } from '../lib/problem.ts';
import { resets } from '../lib/proofs.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useSession } from '../lib/session.tsx';
import { useLinkToken } from '../lib/token.ts';
import { useFindOut } from '../lib/use-find-out.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { CodeField, EmailField, PasswordField, Username } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { MailedFor } from '../ui/mailed-for.tsx';
import { Page } from '../ui/page.tsx';
import { ProofUsedPage } from '../ui/proof-used.tsx';

const ResetPassword = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
      __typename
      ... on PasswordChanged { sessionsRevoked deviceToken }
      ...Refusal
    }
  }
`);

/** Sets a new password with the link or the code from the mail. Does not sign in. */
export function ResetPasswordPage() {
  const act = useAct();
  const showMessage = useFlash();
  const session = useSession();
  const findOut = useFindOut();
  const settings = useAuthSettings();
  const { address } = useEntrance();
  const token = useLinkToken();
  const { mailed } = useMailedToken(token, 'RESET_PASSWORD');
  const [used, setUsed] = useState(false);

  const reset = async (value: Values) => {
    const proof =
      token === null ? { code: { email: value('email'), code: value('code') } } : { token };
    const input = { proof, newPassword: value('newPassword') };
    const outcome = await resets.prove(proof, (resetToken) =>
      act(ResetPassword, { input: { ...input, resetToken } }),
    );
    return match(outcome, {
      PasswordChanged: async ({ deviceToken }) => {
        session.keepDevice(deviceToken);
        await findOut();
        navigate('/sign-in', { replace: true });
        showMessage('Your password was changed. Sign in with the new one.');
        return null;
      },
      ProofUsed: () => {
        setUsed(true);
        return null;
      },
      Error: (refusal) => problemOf(refusal, 'newPassword'),
    });
  };
  if (used) return <ProofUsedPage title="This mail was already used" />;
  return (
    <Page
      title="Choose a new password"
      lead="This signs you out everywhere. Sign in with the new password afterwards."
    >
      <Form submit="Set new password" onSend={reset}>
        {token === null && (
          <>
            <EmailField defaultValue={address} />
            <CodeField hint="The 8 digits in the mail." digits={8} />
          </>
        )}
        {mailed && <Username email={mailed.email} />}
        <PasswordField
          name="newPassword"
          label="New password"
          fresh
          hint={`At least ${settings?.passwordMinLength ?? 8} characters.`}
        />
      </Form>
      {mailed && <MailedFor mailed={mailed} />}
      <p className="links">
        <Link to="/forgot-password">Send another mail</Link>
      </p>
    </Page>
  );
}
