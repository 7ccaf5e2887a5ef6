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

/** The person signed in. */
export type Me = NonNullable<MeQuery['viewer']>;

/** Who is signed in, asked once for all pages; read again after mutations that change it. */
export function useMe(): {
  readonly me: Me | undefined;
  /** True while it is read again: what is shown may be over. */
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
