import { match } from '@latchkey/client';
import { confirmEmailChange, requestEmailChange } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useKept } from '../lib/kept.ts';
import { useProblems } from '../lib/problem.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { useNavigation } from '../navigation.tsx';
import { Button } from '../ui/button.tsx';
import { CodeField, EmailField } from '../ui/field.tsx';
import { useFlash } from '../ui/flash.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { AccountPage, FormCard } from './account-page.tsx';

/** Requests a change of the email address, and accepts the code that was mailed there. */
export function ChangeEmail() {
  const act = useAct();
  const showMessage = useFlash();
  const { messages, paths } = useLatchkey();
  const { changeEmail, confirmEmailChange: confirmation, common, fields, problems } = messages;
  const { navigate } = useNavigation();
  const { problemOf } = useProblems();
  const { viewer } = useViewer();
  const [sentTo, setSentTo] = useKept<string>('email-change');
  const request = async (value: Values) =>
    match(await act(requestEmailChange, { input: { newEmail: value('newEmail') } }), {
      EmailSent: ({ email, expiresAt }) => {
        setSentTo(email, expiresAt);
        return null;
      },
      Error: (refusal) => problemOf(refusal),
    });
  const confirm = async (value: Values) => {
    const code = { email: sentTo ?? '', code: value('code') };
    return match(await act(confirmEmailChange, { input: { proof: { code } } }), {
      EmailChanged: ({ viewer: { user } }) => {
        setSentTo(null);
        navigate(paths.account);
        showMessage(confirmation.done(user.email));
        return null;
      },
      InvalidTokenError: () => ({
        summary: problems.wrongCode,
        fields: { code: problems.wrongCode },
      }),
      Error: (refusal) => problemOf(refusal),
    });
  };
  if (sentTo !== null) {
    const leave = () => {
      setSentTo(null);
      navigate(paths.account);
    };
    return (
      <AccountPage title={confirmation.title} lead={changeEmail.confirmLead(sentTo)}>
        <FormCard>
          <Form
            submit={confirmation.submit}
            onSend={confirm}
            aside={<Button onClick={leave}>{common.cancel}</Button>}
          >
            <CodeField hint={fields.mailCodeHint} digits={8} />
          </Form>
        </FormCard>
      </AccountPage>
    );
  }
  return (
    <AccountPage
      title={changeEmail.title}
      lead={changeEmail.lead(viewer?.user.email ?? null)}
      back={common.backToAccount}
    >
      <FormCard>
        <Form submit={changeEmail.submit} onSend={request}>
          <EmailField name="newEmail" label={fields.newEmail} autoComplete="email" />
        </Form>
      </FormCard>
    </AccountPage>
  );
}
