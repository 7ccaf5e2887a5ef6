import { useFlash } from '../ui/flash.tsx';
import { useFindOut } from './use-find-out.ts';
import { useMe } from './use-me.ts';

type MfaEnabled = { readonly backupCodes: readonly string[] | null };

/**
 * What to do once a second factor is on. Where the server asks everybody for one, the session
 * so far was good for setting it up alone: refreshed, it is whole.
 */
export function useMfaEnabled(onDone: (backupCodes: readonly string[] | null) => void) {
  const tell = useFlash();
  const findOut = useFindOut();
  const { me } = useMe();
  return async ({ backupCodes }: MfaEnabled): Promise<null> => {
    onDone(backupCodes);
    if (!backupCodes) tell('It is on. Every other session is signed out.');
    if (me?.mfa.enrollmentRequired) await findOut();
    return null;
  };
}
