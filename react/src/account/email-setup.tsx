import { match } from '@latchkey/client';
import { confirmEmailMfa, enableEmailMfa } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useMfaEnabled } from '../lib/use-mfa-enabled.ts';
import { Button } from '../ui/button.tsx';
import { CodeField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { type CodeSent, SendCode } from '../ui/send-code.tsx';
import { AccountPage, FormCard } from './account-page.tsx';

/** The form for the code that was mailed. */
export function EmailSetup({
  sent,
  onDone,
  onCancel,
}: {
  readonly sent: CodeSent & { readonly email: string };
  readonly onDone: (backupCodes: readonly string[] | null) => void;
  readonly onCancel: () => void;
}) {
  const act = useAct();
  const { twoStep, fields, common } = useMessages();
  const { problemOf } = useProblems();
  const enabled = useMfaEnabled(onDone);
  const confirm = async (value: Values) =>
    match(await act(confirmEmailMfa, { input: { code: value('code') } }), {
      MfaEnabled: enabled,
      Error: (refusal) => problemOf(refusal),
    });
  const again = async () =>
    match(await act(enableEmailMfa), {
      EmailSent: (next) => next,
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <AccountPage title={twoStep.emailTitle} lead={twoStep.emailSetupLead(sent.email)}>
      <FormCard>
        <Form
          submit={twoStep.turnOn}
          onSend={confirm}
          aside={<Button onClick={onCancel}>{common.cancel}</Button>}
        >
          <CodeField hint={fields.mailCodeHint} digits={8} />
        </Form>
        <SendCode sentBefore={sent} onSend={again} />
      </FormCard>
    </AccountPage>
  );
}
