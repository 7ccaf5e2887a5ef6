import { useQuery } from 'urql';
import { graphql } from '../generated';
import type { AuthSettingsQuery } from '../generated/graphql';
import { useRetry } from './use-retry.ts';

const AuthSettings = graphql(`
  query AuthSettings {
    authSettings {
      passwordMinLength
      mfaMethods
      oauthProviders { id name }
    }
  }
`);

/** What this server offers; undefined until it is known. The request is repeated until it succeeds. */
export function useAuthSettings(): AuthSettingsQuery['authSettings'] | undefined {
  const [{ data, error }, ask] = useQuery({ query: AuthSettings });
  useRetry(error !== undefined && !data, () => ask({ requestPolicy: 'network-only' }));
  return data?.authSettings;
}
