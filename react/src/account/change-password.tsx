import { match } from '@latchkey/client';
import { changePassword, requestPasswordReset } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { usePasswordLength } from '../lib/use-auth-settings.ts';
import { usePress } from '../lib/use-press.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { useNavigation } from '../navigation.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { PasswordField, Username } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { Loading } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { AccountPage, FormCard } from './account-page.tsx';

/** Changes the password. A person without one gets a mail to set one. */
export function ChangePassword() {
  const { changePassword: words, common } = useLatchkey().messages;
  const { viewer, hasFailed, retry } = useViewer();
  if (!viewer) {
    return (
      <AccountPage title={words.title} back={common.backToAccount}>
        {hasFailed ? <Failed onRetry={retry} /> : <Loading />}
      </AccountPage>
    );
  }
  if (!viewer.user.hasPassword) {
    return (
      <AccountPage title={words.setTitle} lead={words.setLead} back={common.backToAccount}>
        <FormCard>
          <MailLink email={viewer.user.email} />
        </FormCard>
      </AccountPage>
    );
  }
  return (
    <AccountPage title={words.title} lead={words.lead} back={common.backToAccount}>
      <FormCard>
        <ChangeForm />
        <details className="lk-details">
          <summary>{words.forgot}</summary>
          <p>{words.setLead}</p>
          <MailLink email={viewer.user.email} />
        </details>
      </FormCard>
    </AccountPage>
  );
}

function ChangeForm() {
  const act = useAct();
  const showMessage = useFlash();
  const { messages, paths } = useLatchkey();
  const { changePassword: words, fields, problems } = messages;
  const { navigate } = useNavigation();
  const { problemOf } = useProblems();
  const length = usePasswordLength();
  const change = async (value: Values) => {
    const input = { currentPassword: value('currentPassword'), newPassword: value('newPassword') };
    const wrong = problems.wrongPassword;
    return match(await act(changePassword, { input }), {
      PasswordChanged: () => {
        navigate(paths.account);
        showMessage(words.done);
        return null;
      },
      InvalidCredentialsError: () => ({ summary: wrong, fields: { currentPassword: wrong } }),
      Error: (refusal) => problemOf(refusal, 'newPassword'),
    });
  };
  return (
    <Form submit={words.submit} onSend={change}>
      <Username />
      <PasswordField name="currentPassword" label={fields.currentPassword} />
      <PasswordField
        name="newPassword"
        label={fields.newPassword}
        fresh
        hint={fields.passwordHint(length)}
      />
    </Form>
  );
}

function MailLink({ email }: { readonly email: string }) {
  const act = useAct();
  const showMessage = useFlash();
  const { messages, resets, session } = useLatchkey();
  const { problemOf } = useProblems();
  const { pressed, problem, press, waiting } = usePress();
  const mail = async () => {
    const input = { email, deviceToken: session.deviceToken() };
    const outcome = await resets.ask(email, () => act(requestPasswordReset, { input }));
    return match(outcome, {
      EmailSent: (sent) => {
        showMessage(messages.changePassword.mailed(sent.email));
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  };
  return (
    <>
      <Alert problem={problem} waiting={waiting} />
      <div>
        <Button busy={pressed !== null} onClick={() => press('mail', mail)}>
          {messages.changePassword.mail}
        </Button>
      </div>
    </>
  );
}
