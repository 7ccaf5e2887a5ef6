import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getRequest,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime';
import { keys, possibleTypes, typePolicies } from '../src/generated/cache.ts';
import artifacts from './generated/relay-artifacts.json' with { type: 'json' };

/** The refusal of a sign-in, as a client's cache gives it back. */
export type Refusal = Readonly<Record<string, unknown>> | null | undefined;
type Variables = { readonly input: { readonly email: string; readonly password: string } };

/** The same document for all of them. */
export const LOGIN = `
  mutation relayLoginMutation($input: LoginInput!) {
    login(input: $input) {
      __typename
      ... on SignedIn { viewer { user { id name } } }
      ... on Error { message }
    }
  }
`;

/** Things of each type that has an id, and the person under two paths. */
export const NODES = `
  query relayNodesQuery {
    viewer {
      user { ... on Node { id } email }
      session { ... on Node { id } current }
      sessions(first: 10) { edges { node { ... on Node { id } current } } }
      securityEvents(first: 10) { edges { node { ... on Node { id } type } } }
    }
  }
`;

/** How an app sees the server, and under which ids its cache keeps things. */
export type App = {
  login(variables: Variables): Promise<Refusal>;
  nodes(): Promise<readonly string[]>;
};

type Options = { readonly url: string; readonly fetch: typeof globalThis.fetch };

/** Apollo Client. Its update functions read mutations from the cache. */
export function apolloApp({ url, fetch }: Options, configured: boolean): App {
  const cache = new InMemoryCache(configured ? { possibleTypes, typePolicies } : {});
  const client = new ApolloClient({
    cache,
    link: ApolloLink.from([new HttpLink({ uri: url, fetch })]),
  });
  return {
    login: async (variables) => {
      let seen: Refusal;
      await client.mutate<{ login: Refusal }>({
        mutation: gql(LOGIN),
        variables,
        update: (_cache, { data }) => {
          seen = data?.login;
        },
      });
      return seen;
    },
    nodes: async () => {
      await client.query({ query: gql(NODES) });
      return Object.keys(cache.extract());
    },
  };
}

/** What Apollo Client's cache says of the viewer after a mutation that returns other parts of it. */
export async function changedViewer({ url, fetch }: Options, name: string): Promise<unknown> {
  const client = new ApolloClient({
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
    link: ApolloLink.from([new HttpLink({ uri: url, fetch })]),
  });
  const query = gql('query Me { viewer { user { id name } mfa { enabled } } }');
  await client.query({ query });
  await client.mutate({
    mutation: gql(
      'mutation Call($input: UpdateProfileInput!) { updateProfile(input: $input) { ... on ProfileUpdated { viewer { user { id name } mfa { totp } } } } }',
    ),
    variables: { input: { name } },
  });
  return client.readQuery({ query });
}

/** urql with its normalized cache. */
export function urqlApp(
  { url, fetch }: Options,
  configured: boolean,
): App & { warnings: string[] } {
  const warnings: string[] = [];
  const logger = (severity: string, message: string) => {
    if (severity !== 'debug') warnings.push(message);
  };
  const client = new Client({
    url,
    fetch,
    preferGetMethod: false,
    exchanges: [
      cacheExchange(configured ? { possibleTypes, keys, logger } : { logger }),
      fetchExchange,
    ],
  });
  return {
    warnings,
    login: async (variables) => {
      const { data, error } = await client.mutation(LOGIN, variables).toPromise();
      if (error) throw error;
      return data?.login;
    },
    nodes: async () => {
      const { error } = await client.query(NODES, {}).toPromise();
      if (error) throw error;
      const again = await client.query(NODES, {}, { requestPolicy: 'cache-only' }).toPromise();
      return again.data ? ['complete'] : [];
    },
  };
}

/** Relay, with what its compiler makes of the two documents. */
export function relayApp({ url, fetch }: Options): App {
  const network = Network.create(async ({ text }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return await response.json();
  });
  const source = new RecordSource();
  const environment = new Environment({ network, store: new Store(source) });
  // Artifacts as JSON: the compiler's own types are of its modules.
  const { relayLoginMutation, relayNodesQuery } = artifacts as never as Readonly<
    Record<keyof typeof artifacts, Parameters<typeof getRequest>[0]>
  >;
  return {
    login: (variables) =>
      new Promise((resolve, reject) => {
        commitMutation<never>(environment, {
          mutation: relayLoginMutation,
          variables: variables as never,
          onCompleted: ({ login }: { login: Refusal }) => resolve(login),
          onError: reject,
        });
      }),
    nodes: async () => {
      await fetchQuery(environment, relayNodesQuery, {}).toPromise();
      const operation = createOperationDescriptor(getRequest(relayNodesQuery), {});
      environment.retain(operation);
      return source.getRecordIDs();
    },
  };
}
