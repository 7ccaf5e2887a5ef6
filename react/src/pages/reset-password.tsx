import { match } from '@latchkey/client';
import { resetPassword } from '@latchkey/client/operations';
import { useState } from 'react';
import { useLatchkey } from '../context.ts';
import { Anybody } from '../guard.tsx';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useSignInState } from '../lib/sign-in-state.tsx';
import { usePasswordLength } from '../lib/use-auth-settings.ts';
import { useFindOut } from '../lib/use-find-out.ts';
import { useLinkToken } from '../lib/use-link-token.ts';
import { useMailedToken } from '../lib/use-mailed-token.ts';
import { Link, useNavigation } from '../navigation.tsx';
import { CodeField, EmailField, PasswordField, Username } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { MailedFor } from '../ui/mailed-for.tsx';
import { Page } from '../ui/page.tsx';
import { ProofUsedPage } from '../ui/proof-used.tsx';

/** Sets a new password with the link or the code from the mail. Does not sign in. */
export function ResetPassword() {
  return (
    <Anybody>
      <ResetPasswordForm />
    </Anybody>
  );
}

function ResetPasswordForm() {
  const act = useAct();
  const showMessage = useFlash();
  const { session, messages, paths, resets } = useLatchkey();
  const { resetPassword: words, fields } = messages;
  const { navigate } = useNavigation();
  const { problemOf } = useProblems();
  const findOut = useFindOut();
  const length = usePasswordLength();
  const { address } = useSignInState();
  const token = useLinkToken();
  const { mailed } = useMailedToken(token, 'RESET_PASSWORD');
  const [isUsed, setUsed] = useState(false);

  const reset = async (value: Values) => {
    const proof =
      token === null ? { code: { email: value('email'), code: value('code') } } : { token };
    const input = { proof, newPassword: value('newPassword') };
    const outcome = await resets.prove(proof, (resetToken) =>
      act(resetPassword, { input: { ...input, resetToken } }),
    );
    return match(outcome, {
      PasswordChanged: async ({ deviceToken }) => {
        session.keepDevice(deviceToken);
        await findOut();
        navigate(paths.signIn, { replace: true });
        showMessage(words.done);
        return null;
      },
      ProofUsed: () => {
        setUsed(true);
        return null;
      },
      Error: (refusal) => problemOf(refusal, 'newPassword'),
    });
  };
  if (isUsed) return <ProofUsedPage />;
  return (
    <Page title={words.title} lead={words.lead}>
      <Form submit={words.submit} onSend={reset}>
        {token === null && (
          <>
            <EmailField defaultValue={address} />
            <CodeField hint={fields.mailCodeHint} digits={8} />
          </>
        )}
        {mailed && <Username email={mailed.email} />}
        <PasswordField
          name="newPassword"
          label={fields.newPassword}
          fresh
          hint={fields.passwordHint(length)}
        />
      </Form>
      {mailed && <MailedFor mailed={mailed} />}
      <p className="lk-links">
        <Link to={paths.forgotPassword}>{words.again}</Link>
      </p>
    </Page>
  );
}
