import { type Passkey, viewerPasskeys } from '@latchkey/client/operations';
import { useQuery } from './use-query.ts';
import { useViewer } from './use-viewer.ts';

/** The person's passkeys; undefined until they are known. */
export function usePasskeyList(): {
  readonly passkeys: readonly Passkey[] | undefined;
  readonly hasFailed: boolean;
  readonly retry: () => void;
} {
  // A session that can only set up a second factor may not read the list, and may add a passkey all the same.
  const isRestricted = useViewer().viewer?.mfa.enrollmentRequired === true;
  const { data, error, refetch } = useQuery(viewerPasskeys, {}, { isPaused: isRestricted });
  if (isRestricted) return { passkeys: [], hasFailed: false, retry: refetch };
  return {
    passkeys: data?.passkeys,
    hasFailed: error !== undefined && !data,
    retry: refetch,
  };
}
