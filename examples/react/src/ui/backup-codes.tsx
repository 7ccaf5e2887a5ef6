import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Page } from './page.tsx';

/** Shows the codes once. They are not stored on this device. */
export function BackupCodes({
  codes,
  onDone,
}: {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}) {
  const text = `${codes.join('\n')}\n`;
  const download = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'latchkey-backup-codes.txt';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Page
      title="Your backup codes"
      lead="If you lose your phone, each code lets you sign in once. They are shown only now, so keep them somewhere safe."
    >
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="actions">
        <CopyButton what="list" text={text} />
        <Button onClick={download}>Download</Button>
        <Button kind="primary" onClick={onDone}>
          I have saved them
        </Button>
      </div>
    </Page>
  );
}
