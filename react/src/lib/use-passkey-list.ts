import { type Passkey, viewerPasskeys } from '@latchkey/client/operations';
import { useQuery } from './use-query.ts';

/** The person's passkeys; undefined until they are known. */
export function usePasskeyList(): {
  readonly passkeys: readonly Passkey[] | undefined;
  readonly hasFailed: boolean;
  readonly retry: () => void;
} {
  const { data, error, refetch } = useQuery(viewerPasskeys, {});
  return {
    passkeys: data?.passkeys,
    hasFailed: error !== undefined && !data,
    retry: refetch,
  };
}
