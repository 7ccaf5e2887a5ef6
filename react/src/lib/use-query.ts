import type { Operation } from '@latchkey/client';
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { useLatchkey } from '../context.ts';
import { type Answer, keyOf } from './queries.ts';

/** The answer to a query, and the function that requests it again. */
export type Query<Result> = Answer<Result> & { readonly refetch: () => void };

/**
 * Sends a query when the component appears, and shares its answer with every other component that uses it.
 *
 * @param options.isPaused does not send it yet
 * @param options.isFresh sends it even if the answer is known. The known answer is shown meanwhile.
 */
export function useQuery<Result, Variables>(
  operation: Operation<Result, Variables>,
  variables: Variables,
  options: { readonly isPaused?: boolean; readonly isFresh?: boolean } = {},
): Query<Result> {
  const { isPaused = false, isFresh = false } = options;
  const { session, queries } = useLatchkey();
  const key = keyOf(operation as Operation<unknown, never>, variables);
  const latest = useRef(variables);
  latest.current = variables;

  const subscribe = useCallback(
    (listen: () => void) => queries.subscribe(key, listen),
    [queries, key],
  );
  const read = useCallback(() => queries.read<Result>(key), [queries, key]);
  const answer = useSyncExternalStore(subscribe, read, read);

  const fetch = useCallback(
    (onlyIfUnknown: boolean) => {
      const sent = latest.current;
      const ask = () =>
        session.execute<Result, object>(operation as Operation<Result, object>, sent as object);
      queries.fetch(key, ask, { onlyIfUnknown });
    },
    [session, queries, operation, key],
  );
  useEffect(() => {
    if (!isPaused) fetch(!isFresh);
  }, [isPaused, isFresh, fetch]);
  return { ...answer, refetch: useCallback(() => fetch(false), [fetch]) };
}
