import { useState } from 'react';
import { navigate } from '../lib/router.tsx';
import { useSession } from '../lib/session.tsx';
import { Button } from './button.tsx';
import { useFlash } from './flash.tsx';

/** Signs every tab out, then tells the server. */
export function SignOut() {
  const session = useSession();
  const tell = useFlash();
  const [busy, setBusy] = useState(false);
  const signOut = async () => {
    setBusy(true);
    const over = session.signOut();
    navigate('/sign-in');
    const { revoked } = await over;
    tell(
      revoked
        ? 'You are signed out.'
        : 'This device has forgotten you, but the server could not be told: sign out again later.',
    );
  };
  return (
    <Button kind="quiet" busy={busy} onClick={signOut}>
      Sign out
    </Button>
  );
}
