import { useLatchkey } from '../context.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { AccountPage, FormCard } from './account-page.tsx';

/** Shows the codes once. They are not stored on this device. */
export function BackupCodes({
  codes,
  onDone,
}: {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}) {
  const { messages, appearance } = useLatchkey();
  const { twoStep } = messages;
  const text = `${codes.join('\n')}\n`;
  const download = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = [appearance.name, twoStep.codesFile].filter(Boolean).join(' ');
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <AccountPage title={twoStep.codesTitle} lead={twoStep.codesLead}>
      <FormCard>
        <ol className="lk-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
        <div className="lk-actions">
          <Button kind="primary" onClick={onDone}>
            {twoStep.saved}
          </Button>
          <CopyButton what={twoStep.codesList} text={text} />
          <Button icon={<Icon name="download" />} onClick={download}>
            {twoStep.download}
          </Button>
        </div>
      </FormCard>
    </AccountPage>
  );
}
