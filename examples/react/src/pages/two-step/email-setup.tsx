import { match } from '@latchkey/client';
import { useAct } from '../../lib/act.ts';
import { problemOf } from '../../lib/problem.ts';
import { useMfaEnabled } from '../../lib/use-mfa-enabled.ts';
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/field.tsx';
import { Form, type Values } from '../../ui/form.tsx';
import { Page } from '../../ui/page.tsx';
import { type CodeSent, SendCode } from '../../ui/send-code.tsx';
import { ConfirmEmailMfa, EnableEmailMfa } from './operations.ts';

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
  const enabled = useMfaEnabled(onDone);
  const confirm = async (value: Values) =>
    match(await act(ConfirmEmailMfa, { input: { code: value('code') } }), {
      MfaEnabled: enabled,
      Error: (refusal) => problemOf(refusal),
    });
  const again = async () =>
    match(await act(EnableEmailMfa, {}), {
      EmailSent: (again) => again,
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page title="Turn on codes by email" lead={`A code is on its way to ${sent.email}.`}>
      <Form submit="Turn on" onSend={confirm} aside={<Button onClick={onCancel}>Cancel</Button>}>
        <CodeField hint="The 8 digits in the mail." digits={8} />
      </Form>
      <SendCode sentBefore={sent} onSend={again} />
    </Page>
  );
}
