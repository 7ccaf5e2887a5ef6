import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tadaEnvironment } from '../../client/test/tada.ts';
import { printApi } from '../../src/graphql-engine/print-schema.ts';
import { PASSWORD, signUp } from '../support/journeys.ts';
import { startTestServer } from '../support/server.ts';
import { createWorkbench, type Workbench } from '../support/type-check.ts';

const GUIDE = readFileSync(new URL('../../docs/graphql-clients.md', import.meta.url), 'utf8');

/** An example of the guide, by the name of the file that its first line gives. */
function example(name: string): string {
  const found = [...GUIDE.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].find(
    ([, file]) => file === name,
  );
  if (!found?.[2]) throw new Error(`The guide has no example ${name}.`);
  return found[2];
}

const PROOF = `
export const one: Input = { proof: { token: 'x' } };
// @ts-expect-error: neither
export const none: Input = { proof: {} };
`;
const BOTH = `
// @ts-expect-error: both
export const both: Input = { proof: { token: 'x', code: { email: 'a@b.example', code: '1' } } };
`;

let bench: Workbench;
const schema = buildSchema(printApi());
beforeAll(async () => {
  bench = await createWorkbench({
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom'],
  });
  await bench.write('schema.graphql', printApi());
});
afterAll(() => bench.remove());

describe("P-7: the guide's examples of types", () => {
  test('graphql-codegen: scalars are strings, and @oneOf is kept', async () => {
    await bench.write('codegen.ts', example('codegen.ts'));
    await bench.write(
      'src/operations.ts',
      `import { graphql } from './gql';
export const VerifyDocument = graphql(\`
  mutation Verify($input: VerifyEmailInput!) {
    verifyEmail(input: $input) { __typename ... on SignedIn { accessTokenExpiresAt } ... on Error { message } }
  }
\`);
`,
    );
    const { default: config } = await import(join(bench.folder, 'codegen.ts'));
    await generate({ ...config, cwd: bench.folder, silent: true }, true);
    await bench.write(
      'src/use.ts',
      `import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
import type { VerifyDocument } from './operations';
type Input = VariablesOf<typeof VerifyDocument>['input'];
${PROOF}${BOTH}
export const expiresAt = ({ verifyEmail }: ResultOf<typeof VerifyDocument>): string =>
  verifyEmail.__typename === 'SignedIn' ? verifyEmail.accessTokenExpiresAt : '';
export function asNumber({ verifyEmail }: ResultOf<typeof VerifyDocument>): number {
  if (verifyEmail.__typename !== 'SignedIn') return 0;
  // @ts-expect-error: a scalar without a type would be any
  return verifyEmail.accessTokenExpiresAt;
}
`,
    );
    expect(await bench.compile()).toBe('');
  }, 60_000);

  test('gql.tada: scalars are strings, and @oneOf wants one; graphql-request signs in', async () => {
    await bench.write(
      'graphql-env.d.ts',
      tadaEnvironment(introspectionFromSchema(schema, { descriptions: false, oneOf: true })),
    );
    await bench.write('graphql.ts', example('graphql.ts'));
    await bench.write('sign-in.ts', example('sign-in.ts'));
    await bench.write(
      'use.ts',
      `import type { VariablesOf } from 'gql.tada';
import { graphql } from './graphql.ts';
import { signIn } from './sign-in.ts';
const Verify = graphql('mutation V($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename } }');
type Input = VariablesOf<typeof Verify>['input'];
${PROOF}
export async function run(): Promise<string> {
  const login = await signIn('https://auth.example.com/graphql', 'a@b.example', 'secret');
  // @ts-expect-error: a moment is a text
  if (login.__typename === 'SignedIn') login.accessTokenExpiresAt.toFixed();
  if (login.__typename === 'SignedIn') return login.accessTokenExpiresAt.trim();
  return login.__typename === 'InvalidCredentialsError' ? login.message : '';
}
`,
    );
    expect(await bench.compile()).toBe('');

    const server = await startTestServer();
    try {
      const { email, userId } = await signUp(server);
      const endpoint = `${server.app.deps.config.publicUrl}/graphql`;
      const send: typeof fetch = (input, init) =>
        server.app.fetch(new Request(input, init), { remoteAddress: '127.0.0.1' });
      const { signIn } = await import(join(bench.folder, 'sign-in.ts'));
      expect(await signIn(endpoint, email, PASSWORD, send)).toMatchObject({
        __typename: 'SignedIn',
        viewer: { user: { id: userId } },
      });
      expect(await signIn(endpoint, email, `${PASSWORD}!`, send)).toMatchObject({
        __typename: 'InvalidCredentialsError',
        message: expect.stringMatching(/\w/),
      });
    } finally {
      await server.close();
    }
  }, 60_000);

  test('an introspection that did not ask for isOneOf loses it, as the guide says', () => {
    const lost = tadaEnvironment(
      introspectionFromSchema(schema, { descriptions: false, oneOf: false }),
    );
    expect(lost).not.toContain('isOneOf: true');
  });
});
