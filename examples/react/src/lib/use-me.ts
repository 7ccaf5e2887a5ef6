import { useQuery } from 'urql';
import { graphql } from '../generated';
import type { MeQuery } from '../generated/graphql';

const MeDocument = graphql(`
  query Me {
    viewer {
      user { id email emailVerified name }
      mfa { enabled totp email backupCodesRemaining enrollmentRequired }
    }
  }
`);

/** The signed-in person. */
export type Me = NonNullable<MeQuery['viewer']>;

/** The signed-in person, requested once for all pages and again after mutations that change it. */
export function useMe(): {
  readonly me: Me | undefined;
  /** True while the person is requested again. The shown data may be outdated. */
  readonly stale: boolean;
  readonly failed: boolean;
  readonly retry: () => void;
} {
  const [{ data, error, stale, fetching }, ask] = useQuery({ query: MeDocument });
  return {
    me: data?.viewer ?? undefined,
    stale: stale || fetching,
    failed: error !== undefined && !data,
    retry: () => ask({ requestPolicy: 'network-only' }),
  };
}
