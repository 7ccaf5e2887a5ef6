import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { sessionLink } from '../src/apollo.ts';
import type { Session } from '../src/session-types.ts';
import { sessionExchanges } from '../src/urql.ts';

/** Sends a document and gives the data back, as an app would through its GraphQL client. */
export type Ask = (document: string) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** An app with urql. */
export function withUrql(session: Session, url: string, fetch: typeof globalThis.fetch): Ask {
  const client = new Client({
    url,
    fetch,
    preferGetMethod: false,
    exchanges: [cacheExchange, ...sessionExchanges(session), fetchExchange],
  });
  return async (document) => {
    const request = document.startsWith('mutation')
      ? client.mutation(document, {})
      : client.query(document, {}, { requestPolicy: 'network-only' });
    const { data, error } = await request.toPromise();
    if (error) throw error;
    return data;
  };
}

/** An app with Apollo Client. */
export function withApollo(session: Session, url: string, fetch: typeof globalThis.fetch): Ask {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([sessionLink(session), new HttpLink({ uri: url, fetch })]),
  });
  return async (document) => {
    if (document.startsWith('mutation')) {
      const { data } = await client.mutate<Record<string, unknown>>({ mutation: gql(document) });
      return data;
    }
    const query = gql(document);
    const { data } = await client.query<Record<string, unknown>>({
      query,
      fetchPolicy: 'network-only',
    });
    return data;
  };
}
