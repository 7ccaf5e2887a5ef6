import type { ComponentType } from 'react';
import { useLatchkey } from '../context.ts';
import { RequireAuth } from '../guard.tsx';
import { useNavigation } from '../navigation.tsx';
import { NotFound } from '../pages/not-found.tsx';
import { ConnectionStatus } from '../ui/page.tsx';
import { Root } from '../ui/root.tsx';
import { Account } from './account.tsx';
import { Activity } from './activity.tsx';
import { ChangeEmail } from './change-email.tsx';
import { ChangePassword } from './change-password.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { Devices } from './devices.tsx';
import { AccountNavigation } from './navigation.tsx';
import { Passkeys } from './passkeys.tsx';
import { TwoStep } from './two-step.tsx';

/** The pages below `paths.account`, by the rest of the address. */
const PAGES: Readonly<Record<string, ComponentType>> = {
  '': Account,
  '/email': ChangeEmail,
  '/password': ChangePassword,
  '/passkeys': Passkeys,
  '/two-step': TwoStep,
  '/devices': Devices,
  '/activity': Activity,
  '/delete': DeleteAccount,
};

/** Everything that a person does with their account, with a navigation between the pages. */
export function AccountPages() {
  const { paths } = useLatchkey();
  const { pathname } = useNavigation().place;
  const rest = pathname.slice(paths.account.length).replace(/\/$/, '');
  const Page = Object.hasOwn(PAGES, rest) ? PAGES[rest] : undefined;
  if (!Page) return <NotFound />;
  return (
    <RequireAuth>
      <Root className="lk-account">
        <ConnectionStatus />
        <AccountNavigation />
        <main id="main" tabIndex={-1}>
          <Page key={rest} />
        </main>
      </Root>
    </RequireAuth>
  );
}
