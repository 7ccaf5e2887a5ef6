import { type Viewer, viewer as viewerQuery } from '@latchkey/client/operations';
import { useSession } from '../context.ts';
import { useQuery } from './use-query.ts';

/** The signed-in person, requested once for all components and again after every change. */
export function useViewer(): {
  /** Undefined until the person is known, and if nobody is signed in. */
  readonly viewer: Viewer | undefined;
  /** True while the person is requested again. The shown data may be outdated. */
  readonly isStale: boolean;
  /** True if the request failed and nothing can be shown. */
  readonly hasFailed: boolean;
  readonly retry: () => void;
} {
  const isSignedIn = useSession().status === 'signed-in';
  const { data, error, isFetching, refetch } = useQuery(viewerQuery, {}, { isPaused: !isSignedIn });
  return {
    viewer: isSignedIn ? (data ?? undefined) : undefined,
    isStale: isFetching,
    hasFailed: error !== undefined && !data,
    retry: refetch,
  };
}
