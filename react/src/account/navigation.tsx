import { useState } from 'react';
import { useLatchkey } from '../context.ts';
import { useViewer } from '../lib/use-viewer.ts';
import { Link } from '../navigation.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Avatar, useSignOut } from '../ui/user-button.tsx';

/** The navigation between the pages of an account: at the left, and a row at the top of narrow windows. */
export function AccountNavigation() {
  const { messages, paths } = useLatchkey();
  const { account, twoStep, devices, activity, user } = messages;
  const { viewer } = useViewer();
  const signOut = useSignOut();
  const [isBusy, setBusy] = useState(false);
  const links: readonly (readonly [string, string, IconName])[] = [
    ['', account.navigation, 'user'],
    ['/two-step', twoStep.title, 'shield'],
    ['/devices', devices.link, 'computer'],
    ['/activity', activity.link, 'activity'],
  ];
  const leave = async () => {
    setBusy(true);
    await signOut();
  };
  return (
    <nav className="lk-nav" aria-label={account.navigation}>
      {viewer && (
        <div className="lk-nav-person">
          <Avatar text={viewer.user.name ?? viewer.user.email} />
          <div>
            {viewer.user.name && <strong>{viewer.user.name}</strong>}
            <p className="lk-hint">{viewer.user.email}</p>
          </div>
        </div>
      )}
      <ul>
        {links.map(([rest, words, icon]) => (
          <li key={rest}>
            <Link to={paths.account + rest} className="lk-nav-item">
              <Icon name={icon} />
              {words}
            </Link>
          </li>
        ))}
        <li>
          <button type="button" className="lk-nav-item" aria-disabled={isBusy} onClick={leave}>
            <Icon name="signOut" />
            {user.signOut}
          </button>
        </li>
      </ul>
    </nav>
  );
}
