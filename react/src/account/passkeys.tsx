import { useEffect } from 'react';
import { useLatchkey } from '../context.ts';
import { usePasskeys } from '../lib/passkeys.tsx';
import { useAuthSettings } from '../lib/use-auth-settings.ts';
import { usePasskeyList } from '../lib/use-passkey-list.ts';
import { Loading } from '../ui/page.tsx';
import { Failed } from '../ui/section.tsx';
import { AccountPage } from './account-page.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { PasskeyItem } from './passkey-item.tsx';

/** The person's passkeys: adding and renaming them. */
export function Passkeys() {
  const { passkeys: words, common } = useLatchkey().messages;
  const ceremonies = usePasskeys();
  const settings = useAuthSettings();
  const { passkeys, hasFailed, retry } = usePasskeyList();
  const ids = passkeys?.map(({ id }) => id).join(' ');
  useEffect(() => {
    // This device stops offering passkeys that were removed. It only keeps its list tidy, so a failure changes nothing.
    if (ids !== undefined) ceremonies.sendSignals().catch(() => undefined);
  }, [ceremonies, ids]);
  const isReady = passkeys && settings;
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
          {settings.passkeys && <AddPasskey isFirst={passkeys.length === 0} />}
        </>
      )}
      {!isReady && (hasFailed ? <Failed onRetry={retry} /> : <Loading lines={4} />)}
    </AccountPage>
  );
}
