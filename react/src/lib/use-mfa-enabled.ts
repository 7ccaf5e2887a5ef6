import type { MfaEnabled } from '@latchkey/client/operations';
import { useMessages } from '../context.ts';
import { useFlash } from '../ui/flash.tsx';
import { useFindOut } from './use-find-out.ts';
import { useViewer } from './use-viewer.ts';

/**
 * What to do after a second factor was enabled. If the server requires two-step verification, the session could
 * only set it up until now. Refreshing the token gives it full access.
 */
export function useMfaEnabled(onDone: (backupCodes: readonly string[] | null) => void) {
  const showMessage = useFlash();
  const findOut = useFindOut();
  const { viewer } = useViewer();
  const { twoStep } = useMessages();
  return async ({ backupCodes }: MfaEnabled): Promise<null> => {
    onDone(backupCodes);
    if (!backupCodes) showMessage(twoStep.turnedOn);
    if (viewer?.mfa.enrollmentRequired) await findOut();
    return null;
  };
}
