import { useQuery } from 'urql';
import { graphql } from '../generated';
import type { AuthSettingsQuery } from '../generated/graphql';

const AuthSettings = graphql(`
  query AuthSettings {
    authSettings {
      passwordMinLength
      mfaMethods
      oauthProviders { id name }
    }
  }
`);

/** What this server offers; undefined until it is known. */
export function useAuthSettings(): AuthSettingsQuery['authSettings'] | undefined {
  const [{ data }] = useQuery({ query: AuthSettings });
  return data?.authSettings;
}
