import { useQuery } from 'urql';
import { graphql } from '../generated';
import type { IdentitiesQuery } from '../generated/graphql';

const Identities = graphql(`
  query Identities {
    viewer {
      identities { id email linkedAt provider { id name } }
    }
  }
`);

type Identity = NonNullable<IdentitiesQuery['viewer']>['identities'][number];

/** The linked accounts; undefined until they are known. */
export function useIdentities(): {
  readonly identities: readonly Identity[] | undefined;
  readonly failed: boolean;
  readonly retry: () => void;
} {
  const [{ data, error }, ask] = useQuery({ query: Identities });
  return {
    identities: data?.viewer?.identities,
    failed: error !== undefined && !data,
    retry: () => ask({ requestPolicy: 'network-only' }),
  };
}
