import { UnreachableError } from '@latchkey/client';
import { useLatchkey } from '../context.ts';

/** After an operation that ends sessions: asks the server whether this session is still active. */
export function useFindOut(): () => Promise<void> {
  const { session, queries } = useLatchkey();
  return async () => {
    if (session.state().status !== 'signed-in') return;
    try {
      await session.refresh();
      queries.revalidate();
    } catch (error) {
      // The next request will find out.
      if (!(error instanceof UnreachableError)) throw error;
    }
  };
}
