import { UnreachableError } from '@latchkey/client';
import { useSession } from './session.tsx';

/** After an operation that ends sessions: asks the server whether this session is still active. */
export function useFindOut(): () => Promise<void> {
  const session = useSession();
  return async () => {
    if (session.state().status !== 'signed-in') return;
    try {
      await session.refresh();
    } catch (error) {
      // The next request will find out.
      if (!(error instanceof UnreachableError)) throw error;
    }
  };
}
