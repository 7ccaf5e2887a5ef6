import { UnreachableError } from '@latchkey/client';
import { useSession } from './session.tsx';

/** After something that ends sessions: has the server say whether this one still lives. */
export function useFindOut(): () => Promise<void> {
  const session = useSession();
  return async () => {
    if (session.state().status !== 'signed-in') return;
    try {
      await session.refresh();
    } catch (error) {
      // It is found out at the next request.
      if (!(error instanceof UnreachableError)) throw error;
    }
  };
}
