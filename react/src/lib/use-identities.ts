import { type Identity, viewerIdentities } from '@latchkey/client/operations';
import { useQuery } from './use-query.ts';

/** The linked accounts; undefined until they are known. */
export function useIdentities(): {
  readonly identities: readonly Identity[] | undefined;
  readonly hasFailed: boolean;
  readonly retry: () => void;
} {
  const { data, error, refetch } = useQuery(viewerIdentities, {});
  return {
    identities: data?.identities,
    hasFailed: error !== undefined && !data,
    retry: refetch,
  };
}
