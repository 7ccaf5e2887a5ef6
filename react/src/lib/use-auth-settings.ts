import { type AuthSettings, authSettings } from '@latchkey/client/operations';
import { useQuery } from './use-query.ts';
import { useRetry } from './use-retry.ts';

/** What this server offers; undefined until it is known. The request is repeated until it succeeds. */
export function useAuthSettings(): AuthSettings | undefined {
  const { data, error, refetch } = useQuery(authSettings, {});
  useRetry(error !== undefined && !data, refetch);
  return data;
}

/** The least length of a password on servers that have not answered yet. */
const USUAL_LENGTH = 8;

/** The least number of characters of a new password. */
export function usePasswordLength(): number {
  return useAuthSettings()?.passwordMinLength ?? USUAL_LENGTH;
}
