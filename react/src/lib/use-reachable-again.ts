import { authSettings } from '@latchkey/client/operations';
import { useLatchkey } from '../context.ts';
import { useRetry } from './use-retry.ts';

/** Calls back when the server responds again after a request without a response. */
export function useReachableAgain(isLost: boolean, onBack: () => void): void {
  const { session } = useLatchkey();
  useRetry(isLost, () => {
    session.executeAnonymously(authSettings).then(onBack, () => undefined);
  });
}
