import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { preset } from '@graphql-codegen/client-preset';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printApi } from '../../src/graphql-engine/print-schema.ts';
import { createWorkbench, type Workbench } from '../support/type-check.ts';

/** What an app of somebody else would write. */
const OPERATIONS = `
import { graphql } from './gql';

export const LoginDocument = graphql(\`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      __typename
      ... on SignedIn { accessToken accessTokenExpiresAt viewer { user { ...Person } } }
      ... on EmailVerificationRequired { email }
      ... on InvalidInputError { issues { path message } }
      ... on RateLimitedError { retryAfterSeconds }
      ... on Error { message }
    }
  }
\`);

export const SessionsDocument = graphql(\`
  query Sessions($after: String) {
    viewer { sessions(first: 10, after: $after) { edges { node { id current createdAt } } } }
  }
\`);

export const PersonFragment = graphql(\`fragment Person on User { id email name }\`);
`;

const USE = `
import { type FragmentType, useFragment } from './gql';
import type { LoginMutation, LoginMutationVariables } from './gql/graphql';
import { LoginDocument, PersonFragment } from './operations';
import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';

export const variables: VariablesOf<typeof LoginDocument> = {
  input: { email: 'ada@example.com', password: 'secret' },
} satisfies LoginMutationVariables;

export function describe({ login }: ResultOf<typeof LoginDocument>): string {
  switch (login.__typename) {
    case 'SignedIn': return nameOf(login.viewer.user);
    case 'EmailVerificationRequired': return login.email.toLowerCase();
    case 'RateLimitedError': return login.message + login.retryAfterSeconds.toFixed();
    case 'InvalidInputError': return login.issues.map(({ path }) => path.join('.')).join();
    default: return 'message' in login ? login.message : login.__typename;
  }
}

function nameOf(user: FragmentType<typeof PersonFragment>): string {
  const { name, email } = useFragment(PersonFragment, user);
  return name ?? email;
}

export type Same = LoginMutation extends ResultOf<typeof LoginDocument> ? true : never;
export const same: Same = true;
`;

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench({
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom'],
    allowImportingTsExtensions: false,
  });
  await bench.write('schema.graphql', printApi());
  await bench.write('operations.ts', OPERATIONS);
  await generate(
    {
      schema: join(bench.folder, 'schema.graphql'),
      documents: join(bench.folder, 'operations.ts'),
      generates: {
        [`${join(bench.folder, 'gql')}/`]: {
          preset,
          config: {
            useTypeImports: true,
            enumsAsTypes: true,
            scalars: {
              DateTime: 'string',
              EmailAddress: 'string',
              URL: 'string',
              Locale: 'string',
            },
          },
        },
      },
      silent: true,
    },
    true,
  );
}, 60_000);
afterAll(() => bench.remove());

describe('graphql-codegen’s client preset on the printed schema', () => {
  test('makes types an app compiles with, its outcomes told apart by __typename', async () => {
    await bench.write('use.ts', USE);
    expect(await bench.compile()).toBe('');
  }, 60_000);

  test('makes the compiler refuse a field that is not there', async () => {
    await bench.write('use.ts', USE.replace('login.email.toLowerCase()', 'login.accessToken'));
    expect(await bench.compile()).toMatch(/'accessToken' does not exist/);
  }, 60_000);
});
