import { match } from '@latchkey/client';
import { confirmTotp, type TotpEnrollment } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { useAct } from '../lib/act.ts';
import { useProblems } from '../lib/problem.ts';
import { useMfaEnabled } from '../lib/use-mfa-enabled.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { CodeField } from '../ui/field.tsx';
import { Form, type Values } from '../ui/form.tsx';
import { AccountPage, FormCard } from './account-page.tsx';

/** The secret as a QR code and as text, and the form for its first code. */
export function TotpSetup({
  enrollment: { secret, otpauthUri, qrCode },
  isAnother,
  onDone,
  onCancel,
}: {
  readonly enrollment: TotpEnrollment;
  /** True if this QR code is not the one that the page showed before it was reloaded. */
  readonly isAnother: boolean;
  readonly onDone: (backupCodes: readonly string[] | null) => void;
  readonly onCancel: () => void;
}) {
  const act = useAct();
  const { twoStep, fields, common } = useMessages();
  const { problemOf } = useProblems();
  const enabled = useMfaEnabled(onDone);
  const confirm = async (value: Values) =>
    match(await act(confirmTotp, { input: { code: value('code') } }), {
      MfaEnabled: enabled,
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <AccountPage title={twoStep.appTitle} lead={twoStep.appSetupLead}>
      <FormCard>
        {isAnother && <p className="lk-notice">{twoStep.anotherCode}</p>}
        <div className="lk-setup">
          <img className="lk-qr" src={qrCode} alt={twoStep.qrCode} width="208" height="208" />
          <div className="lk-setup-key">
            <p>
              {twoStep.onThisDevice} <a href={otpauthUri}>{twoStep.openApp}</a>.
            </p>
            <p>{twoStep.enterKey}</p>
            <div className="lk-secret">
              <code>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
              <CopyButton what={twoStep.key} text={secret} />
            </div>
          </div>
        </div>
        <Form
          submit={twoStep.turnOn}
          onSend={confirm}
          aside={<Button onClick={onCancel}>{common.cancel}</Button>}
        >
          <CodeField hint={fields.appCodeHint} digits={6} />
        </Form>
      </FormCard>
    </AccountPage>
  );
}
