import { useEffect, useState } from 'react';
import { useLatchkey } from '../context.ts';
import { usePasskeys } from '../lib/passkeys.tsx';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { usePasskeyList } from '../lib/use-passkey-list.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { Loading } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { AccountPage } from './account-page.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { BackupCodes } from './backup-codes.tsx';
import { PasskeyItem } from './passkey-item.tsx';
import { PasskeySecondFactor } from './passkey-second-factor.tsx';

/** The person's passkeys: adding, renaming and removing them, and whether they are the second step as well. */
export function Passkeys() {
  const { passkeys: words, common } = useLatchkey().messages;
  const ceremonies = usePasskeys();
  const settings = useAuthSettings();
  const person = useViewer();
  const { passkeys, hasFailed, retry } = usePasskeyList();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const ids = passkeys?.map(({ id }) => id).join(' ');
  useEffect(() => {
    // This device stops offering passkeys that were removed. It only keeps its list tidy, so a failure changes nothing.
    if (ids !== undefined) ceremonies.sendSignals().catch(() => undefined);
  }, [ceremonies, ids]);
  if (codes) return <BackupCodes codes={codes} onDone={() => setCodes(null)} />;
  const { viewer } = person;
  const retryAll = () => {
    person.retry();
    retry();
  };
  const isReady = viewer && passkeys && settings;
  return (
    <AccountPage title={words.title} lead={words.lead} back={common.backToAccount}>
      {isReady && (
        <>
          {passkeys.length > 0 && (
            <ul className="lk-list lk-section">
              {passkeys.map((passkey) => (
                <PasskeyItem key={passkey.id} passkey={passkey} />
              ))}
            </ul>
          )}
          {settings.passkeys && (
            <AddPasskey isFirst={passkeys.length === 0} mfa={viewer.mfa} onCodes={setCodes} />
          )}
          {passkeys.length > 0 && (
            <PasskeySecondFactor isOn={viewer.mfa.passkey} onCodes={setCodes} />
          )}
        </>
      )}
      {!isReady &&
        (hasFailed || person.hasFailed ? <Failed onRetry={retryAll} /> : <Loading lines={4} />)}
    </AccountPage>
  );
}
