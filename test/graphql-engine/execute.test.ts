import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildSchema, execute, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationContext } from '../../src/graphql-engine/context.ts';
import { createDeadline } from '../../src/graphql-engine/deadline.ts';
import { executeOperation } from '../../src/graphql-engine/execute.ts';
import { MAX_ERRORS } from '../../src/graphql-engine/operation-limits.ts';
import { connectionOf } from '../../src/http/fetch.ts';
import { type Doors, expectAlike, responseOf, startDoors } from '../http/doors.ts';

/** Runs one operation by the engine's executor, and by `execute` of graphql-js. */
async function bothWays(schema: GraphQLSchema, text: string, rootValue: object) {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {}))
    field.resolve = () => Reflect.get(rootValue, field.name)();
  const document = parse(text);
  const operation = getOperationAST(document, null);
  if (!operation) throw new Error('no operation');
  const deadline = createDeadline(connectionOf(new AbortController().signal));
  const context = {
    deadline,
    observed: { operation: null, rootField: null, outcomes: [], userId: null },
  } as unknown as OperationContext;
  const lean = await executeOperation({ schema, document, operation, context, variableValues: {} });
  deadline.cancel();
  return { lean, usual: await execute({ schema, document }) };
}

describe('the pieces of graphql-js that the engine imports by their files', () => {
  test.each(['graphql/execution/Executor.js', 'graphql/execution/createSharedExecutionContext.js'])(
    '%s exists and is what the engine imports',
    (path) => {
      expect(existsSync(createRequire(import.meta.url).resolve(path))).toBe(true);
      const source = join(dirname(import.meta.dirname), '../src/graphql-engine/execute.ts');
      expect(readFileSync(source, 'utf8')).toContain(`'${path}'`);
    },
  );

  const schema = buildSchema(`
    type Query { good: String, bad: String, required: String!, list: [Item!] }
    type Item { id: ID!, name: String! }`);
  const root = {
    good: () => 'good',
    bad: () => {
      throw new Error('bad');
    },
    required: async () => null,
    list: async () => [{ id: 1, name: 'a' }, { id: 2 }],
  };

  test.each([
    '{ good }',
    '{ good bad }',
    '{ good required }',
    '{ list { id name } }',
    '{ a: good b: bad __typename }',
    'query ($v: Boolean = false) { good @include(if: $v) }',
  ])('they answer as `execute` does: %s', async (text) => {
    const { lean, usual } = await bothWays(schema, text, root);
    expect(JSON.stringify(lean)).toBe(JSON.stringify(usual));
  });
});

describe('GQ-9: errors about variables and values, as a client reads them', () => {
  const SECRET = 'hunter2';
  const LOGIN = 'mutation ($i: LoginInput!) { login(input: $i) { __typename } }';
  let doors: Doors;
  beforeAll(async () => {
    doors = await startDoors();
  });
  afterAll(() => doors.close());

  const errorsOf = async (request: object) => {
    const body = JSON.stringify(request);
    await expectAlike({ body }, doors);
    const { status, body: text } = await responseOf(doors.direct, { body });
    expect(status).toContain(' 400 ');
    expect(text).not.toContain(SECRET);
    const { data, errors } = JSON.parse(text);
    expect(data).toBeUndefined();
    return errors as readonly { message: string; extensions: Record<string, string> }[];
  };

  test.each([
    [{}, ['Variable "$i" is required.']],
    [{ i: null }, ['Variable "$i" must not be null.']],
    [{ i: SECRET }, ['Variable "$i" must be of type LoginInput.']],
    [
      { i: { password: [SECRET] } },
      ['Variable "$i".email is required.', 'Variable "$i".password must be of type String.'],
    ],
    [
      { i: { email: 'a@b.co', password: SECRET, [SECRET]: SECRET } },
      ['Variable "$i" has a field that LoginInput does not have.'],
    ],
  ])('%j has fixed words, a code and no value', async (variables, expected) => {
    const errors = await errorsOf({ query: LOGIN, variables });
    expect(errors.map(({ message }) => message).toSorted()).toEqual(expected.toSorted());
    for (const { extensions } of errors)
      expect(extensions).toEqual({ code: 'BAD_USER_INPUT', requestId: 'parity-request-1' });
  });

  test(`at most ${MAX_ERRORS} errors about variables are in a response`, async () => {
    // As many as the limit of directives lets a document use, and two in the input.
    const names = Array.from({ length: MAX_ERRORS }, (_, n) => `v${n}`);
    const definitions = names.map((name) => `$${name}: Boolean!`).join(' ');
    const fields = Array.from(
      { length: MAX_ERRORS / 2 },
      (_, n) => `__typename @skip(if: $v${2 * n}) @include(if: $v${2 * n + 1})`,
    );
    const query = `mutation ($e: EmailAddress!, $p: String!, ${definitions}) {
      login(input: { email: $e, password: $p }) { ${fields.join(' ')} }
    }`;
    const errors = await errorsOf({ query });
    expect(errors).toHaveLength(MAX_ERRORS);
    expect(errors[0]?.message).toBe('Variable "$e" is required.');
  });

  test('a value in the document that does not fit its type is not repeated', async () => {
    const [error, ...others] = await errorsOf({
      query: `mutation { login(input: { email: "a@b.co", password: ["${SECRET}", "b"] }) { __typename } }`,
    });
    expect(others).toEqual([]);
    expect(error).toMatchObject({
      message: 'A value in the document is not of the expected type.',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  test('graphql-js stops at the bound, too: a thousand mistakes cost no more than ten', async () => {
    const list = buildSchema('type Query { ask(list: [Int!]): String }');
    const document = parse('query ($list: [Int!]) { ask(list: $list) }');
    const operation = getOperationAST(document, null);
    if (!operation) throw new Error('no operation');
    let coerced = 0;
    const int = list.getType('Int');
    const original = Reflect.get(int as object, 'coerceInputValue');
    Reflect.set(int as object, 'coerceInputValue', (...args: unknown[]) => {
      coerced += 1;
      return Reflect.apply(original, int, args);
    });
    const deadline = createDeadline(connectionOf(new AbortController().signal));
    const context = {
      deadline,
      observed: { operation: null, rootField: null, outcomes: [], userId: null },
    } as unknown as OperationContext;
    try {
      const { errors = [] } = await executeOperation({
        schema: list,
        document,
        operation,
        context,
        variableValues: { list: Array.from({ length: 1_000 }, () => SECRET) },
      });
      expect(errors).toHaveLength(MAX_ERRORS);
      expect(errors.map(({ message }) => message)).toContain(
        'Variable "$list"[0] must be of type Int.',
      );
      // Once by graphql-js, and once for the words.
      expect(coerced).toBeLessThan(4 * MAX_ERRORS);
    } finally {
      Reflect.set(int as object, 'coerceInputValue', original);
      deadline.cancel();
    }
  });
});
