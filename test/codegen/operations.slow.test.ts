import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import * as operations from '../../client/src/generated/operations.ts';
import { operationsOf } from '../../scripts/sdl/operations.ts';
import { typescriptModule } from '../../scripts/sdl/typescript.ts';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { createWorkbench } from '../support/type-check.ts';

const GENERATED = new URL('../../client/src/generated/operations.ts', import.meta.url);

test('the client’s operations are the schema’s; otherwise run `npm run client:operations`', () => {
  expect(readFileSync(GENERATED, 'utf8')).toBe(typescriptModule(createSchema()));
});

test('each operation of the client is valid', () => {
  for (const [name, document] of Object.entries(operations)) {
    expect(validate(createSchema(), parse(document)), name).toEqual([]);
  }
});

const AWKWARD = `
  type Query { me(realm: String): Me  counts: [[Int!]]! }
  type Mutation { act(input: Act!): ActResult! }
  type Me { id: ID! things(first: Int = 20): [Thing!]! kinds: [Kind!] }
  type Thing { at: String }
  enum Kind { A B }
  input Act @oneOf { token: String code: Code }
  input Code { text: String! kinds: [Kind!] }
  interface Error { message: String! }
  type Done { kinds: [Kind!]! "Ends a comment */ early." me: Me! }
  type NotYetError implements Error { message: String! kinds: [String!]! }
  union ActResult = NotYetError | Done
`;

test('lists, oneOf inputs and two members that call different things the same are no trouble', async () => {
  const schema = buildSchema(AWKWARD);
  const found = operationsOf(schema);
  expect(found.map(({ name }) => name)).toEqual(['me', 'counts', 'meThings', 'act']);
  for (const { document } of found) expect(validate(schema, parse(document))).toEqual([]);

  const bench = await createWorkbench();
  await bench.write(
    'operation.ts',
    readFileSync(new URL('../../client/src/operation.ts', import.meta.url), 'utf8'),
  );
  await bench.write('generated/operations.ts', typescriptModule(schema));
  await bench.write(
    'use.ts',
    `import type { ActResult, ActVariables, Me } from './generated/operations.ts';
     export const describe = (result: ActResult): readonly string[] =>
       result.__typename === 'Done' ? result.kinds : result.notYetErrorKinds;
     export const kinds = (me: Me): readonly ('A' | 'B')[] | null => me.kinds;
     export const inputs: ActVariables[] = [{ input: { token: 't' } }, { input: { code: { text: 'c' } } }];`,
  );
  expect(await bench.compile()).toBe('');
  await bench.write(
    'use.ts',
    `import type { ActVariables } from './generated/operations.ts';
     export const both: ActVariables = { input: { token: 't', code: { text: 'c' } } };`,
  );
  expect(await bench.compile()).toMatch(/not assignable/);
  await bench.remove();
}, 60_000);
