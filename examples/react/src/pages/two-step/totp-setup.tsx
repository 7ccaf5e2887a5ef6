import { match } from '@latchkey/client';
import { useAct } from '../../lib/act.ts';
import { problemOf } from '../../lib/problem.ts';
import { useMfaEnabled } from '../../lib/use-mfa-enabled.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CodeField } from '../../ui/field.tsx';
import { Form, type Values } from '../../ui/form.tsx';
import { Page } from '../../ui/page.tsx';
import { ConfirmTotp } from './operations.ts';

/** The secret as a QR code and as text, and the form for its first code. */
export function TotpSetup({
  enrollment: { secret, otpauthUri, qrCode },
  isAnother,
  onDone,
  onCancel,
}: {
  readonly enrollment: {
    readonly secret: string;
    readonly otpauthUri: string;
    readonly qrCode: string;
  };
  /** True if this QR code is not the one that the page showed before it was reloaded. */
  readonly isAnother: boolean;
  readonly onDone: (backupCodes: readonly string[] | null) => void;
  readonly onCancel: () => void;
}) {
  const act = useAct();
  const enabled = useMfaEnabled(onDone);
  const confirm = async (value: Values) =>
    match(await act(ConfirmTotp, { input: { code: value('code') } }), {
      MfaEnabled: enabled,
      Error: (refusal) => problemOf(refusal),
    });
  return (
    <Page title="Set up an authenticator app" lead="Scan this QR code with the app.">
      {isAnother && (
        <p className="notice">
          This is a new QR code. The earlier one has expired or was replaced. Scan this one instead.
        </p>
      )}
      <img
        className="qr"
        src={qrCode}
        alt="QR code for your authenticator app"
        width="208"
        height="208"
      />
      <p>
        On this device: <a href={otpauthUri}>open your authenticator app</a>. Or enter this key in
        it:
      </p>
      <div className="secret">
        <code>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        <CopyButton what="key" text={secret} />
      </div>
      <Form submit="Turn on" onSend={confirm} aside={<Button onClick={onCancel}>Cancel</Button>}>
        <CodeField hint="The 6 digits your app shows now." digits={6} />
      </Form>
    </Page>
  );
}
