import { useState } from 'react';
import { navigate } from '../lib/router.tsx';
import { useSession } from '../lib/session.tsx';
import { Button } from './button.tsx';
import { useFlash } from './flash.tsx';

/** Signs out in every tab, then on the server. */
export function SignOut() {
  const session = useSession();
  const showMessage = useFlash();
  const [busy, setBusy] = useState(false);
  const signOut = async () => {
    setBusy(true);
    const signedOut = session.signOut();
    navigate('/sign-in');
    const { revoked } = await signedOut;
    showMessage(
      revoked
        ? 'You were signed out.'
        : 'You are signed out on this device, but the server could not be reached. Sign out again later.',
    );
  };
  return (
    <Button kind="quiet" busy={busy} onClick={signOut}>
      Sign out
    </Button>
  );
}
