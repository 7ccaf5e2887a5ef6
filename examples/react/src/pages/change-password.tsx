import { match } from '@latchkey/client';
import { graphql } from '../generated';
import { useAct } from '../lib/act.ts';
import { useAuthSettings } from '../lib/auth-settings.ts';
import { problemOf } from '../lib/problem.ts';
import { Link, navigate } from '../lib/router.tsx';
import { useMe } from '../lib/use-me.ts';
import { usePress } from '../lib/use-press.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { PasswordField, Username } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { RequestPasswordReset } from './forgot-password.tsx';

const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on PasswordChanged { sessionsRevoked }
      ...Refusal
    }
  }
`);

const WRONG = 'This password is incorrect.';

/** Changes the password. A person without one gets a mail to set one. */
export function ChangePasswordPage() {
  const act = useAct();
  const showMessage = useFlash();
  const settings = useAuthSettings();
  const { me } = useMe();
  const { pressed, problem, press, waiting } = usePress();
  const change = async (value: Values) => {
    const input = { currentPassword: value('currentPassword'), newPassword: value('newPassword') };
    return match(await act(ChangePassword, { input }), {
      PasswordChanged: () => {
        navigate('/account');
        showMessage('Your password was changed. All other sessions were signed out.');
        return null;
      },
      InvalidCredentialsError: () => ({ summary: WRONG, fields: { currentPassword: WRONG } }),
      Error: (refusal) => problemOf(refusal, 'newPassword'),
    });
  };
  const mail = async () =>
    match(await act(RequestPasswordReset, { input: { email: me?.user.email ?? '' } }), {
      EmailSent: ({ email }) => {
        showMessage(`A mail with a link to set a password is on its way to ${email}.`);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page title="Change your password" lead="All other sessions will be signed out.">
      <Form submit="Change password" onSend={change}>
        <Username />
        <PasswordField name="currentPassword" label="Current password" />
        <PasswordField
          name="newPassword"
          label="New password"
          fresh
          hint={`At least ${settings?.passwordMinLength ?? 8} characters.`}
        />
      </Form>
      <details>
        <summary>No password yet, or forgot your password?</summary>
        <p>We will mail you a link to set a password. Using it signs you out everywhere.</p>
        <Alert problem={problem} waiting={waiting} />
        <Button busy={pressed !== null || !me} onClick={() => press('mail', mail)}>
          Mail me a link
        </Button>
      </details>
      <p className="links">
        <Link to="/account">Back to your account</Link>
      </p>
    </Page>
  );
}
