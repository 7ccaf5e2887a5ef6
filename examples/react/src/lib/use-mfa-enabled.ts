import { useFlash } from '../ui/flash.tsx';
import { useFindOut } from './use-find-out.ts';
import { useMe } from './use-me.ts';

type MfaEnabled = { readonly backupCodes: readonly string[] | null };

/**
 * What to do after a second factor was enabled. If the server requires two-step verification, the session could
 * only set it up until now. Refreshing the token gives it full access.
 */
export function useMfaEnabled(onDone: (backupCodes: readonly string[] | null) => void) {
  const showMessage = useFlash();
  const findOut = useFindOut();
  const { me } = useMe();
  return async ({ backupCodes }: MfaEnabled): Promise<null> => {
    onDone(backupCodes);
    if (!backupCodes)
      showMessage('Two-step verification is on. All other sessions were signed out.');
    if (me?.mfa.enrollmentRequired) await findOut();
    return null;
  };
}
