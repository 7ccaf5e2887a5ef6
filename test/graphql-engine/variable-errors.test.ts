import { buildSchema, type ExecutionResult, execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_ERRORS } from '../../src/graphql-engine/operation-limits.ts';
import { explainVariables } from '../../src/graphql-engine/variable-errors.ts';
import { PRODUCTION } from '../config/environments.ts';
import { type Doors, expectAlike, responseOf, startDoors } from '../http/doors.ts';
import { startTestServer } from '../support/server.ts';

const schema = buildSchema(`
  type Query { ask(input: Ask, list: [Item!], first: Int, ids: [[ID!]!]): String }
  input Ask { name: String!, kind: Kind, items: [Item!], proof: Proof, limit: Int = 5 }
  input Item { id: ID!, weight: Float }
  input Proof @oneOf { token: String, code: Code }
  input Code { email: String!, code: String! }
  enum Kind { LARGE SMALL }
`);
const DOCUMENT = parse(`query ($input: Ask, $list: [Item!], $first: Int, $ids: [[ID!]!]) {
  ask(input: $input, list: $list, first: $first, ids: $ids)
}`);

async function messagesOf(variableValues: Record<string, unknown>): Promise<readonly string[]> {
  const args = { schema, document: DOCUMENT, variableValues };
  const result: ExecutionResult = await execute(args);
  return (explainVariables(result, args).errors ?? []).map(({ message }) => message);
}

const SECRET = 'hunter2';

describe('GQ-9: the error of a variable names its path and repeats no text of the caller', () => {
  test.each<[Record<string, unknown>, readonly string[]]>([
    [{ input: { name: null } }, ['Variable "$input".name must not be null.']],
    [{ input: {} }, ['Variable "$input".name is required.']],
    [{ input: { name: 5 } }, ['Variable "$input".name must be of type String.']],
    [{ input: { name: [SECRET] } }, ['Variable "$input".name must be of type String.']],
    [{ input: { name: 'a', kind: SECRET } }, ['Variable "$input".kind must be of type Kind.']],
    [{ input: { name: 'a', limit: 'x' } }, ['Variable "$input".limit must be of type Int.']],
    [{ input: SECRET }, ['Variable "$input" must be of type Ask.']],
    [{ input: [SECRET] }, ['Variable "$input" must be of type Ask.']],
    [
      { input: { name: 'a', [SECRET]: SECRET } },
      ['Variable "$input" has a field that Ask does not have.'],
    ],
    [
      { input: { name: 'a', items: [{ id: 'a' }, { id: null }, { weight: SECRET }] } },
      [
        'Variable "$input".items[1].id must not be null.',
        'Variable "$input".items[2].id is required.',
        'Variable "$input".items[2].weight must be of type Float.',
      ],
    ],
    [
      { input: { name: 'a', items: { id: [] } } },
      ['Variable "$input".items.id must be of type ID.'],
    ],
    [{ list: [null] }, ['Variable "$list"[0] must not be null.']],
    [{ ids: [['a', null]] }, ['Variable "$ids"[0][1] must not be null.']],
    [{ first: 1.5 }, ['Variable "$first" must be of type Int.']],
    [
      { input: { name: 'a', proof: {} } },
      ['Variable "$input".proof must have exactly one field, which must not be null.'],
    ],
    [
      { input: { name: 'a', proof: { token: SECRET, code: null } } },
      ['Variable "$input".proof must have exactly one field, which must not be null.'],
    ],
    [
      { input: { name: 'a', proof: { code: { email: SECRET } } } },
      ['Variable "$input".proof.code.code is required.'],
    ],
    [
      { first: SECRET, input: { name: 1 } },
      ['Variable "$input".name must be of type String.', 'Variable "$first" must be of type Int.'],
    ],
  ])('%j', async (variables, expected) => {
    expect(await messagesOf(variables)).toEqual(expected);
    for (const message of expected) expect(message).not.toContain(SECRET);
  });

  test('variables that fit have no error', async () => {
    for (const variables of [{}, { input: { name: 'a', items: [{ id: 1 }] } }, { list: [] }])
      expect(await messagesOf(variables)).toEqual([]);
  });

  test('a long list of errors is cut', async () => {
    const list = Array.from({ length: 1_000 }, () => ({ [SECRET]: SECRET }));
    expect(await messagesOf({ list })).toHaveLength(MAX_ERRORS);
  });

  test('other errors are not changed', () => {
    const args = { schema, document: DOCUMENT, variableValues: {} };
    const result = { errors: [] };
    expect(explainVariables(result, args)).toBe(result);
  });
});

/** Keys and values in the words of graphql-js. A parser of its messages would repeat them. */
const IN_ITS_WORDS = [
  `include required field "${SECRET}"`,
  `Expected value of type "LoginInput" to include required field "${SECRET}", found: {}.`,
  `Variable "$${SECRET}" has invalid value at .${SECRET}: x`,
  `x at .${SECRET}: y`,
  `${SECRET} tokens. Parsing aborted`,
  `Syntax Error: Document contains more than 1000 tokens. Parsing aborted. ${SECRET}`,
  `"${SECRET}"\nVariable "$i" has invalid value at .${SECRET}: `,
];

describe('GQ-9: keys and values in the words of graphql-js are not repeated', () => {
  let doors: Doors;
  beforeAll(async () => {
    doors = await startDoors();
  });
  afterAll(() => doors.close());
  const query = 'mutation ($i: LoginInput!) { login(input: $i) { __typename } }';
  const textsOf = async (body: string) => {
    await expectAlike({ body }, doors);
    return (await responseOf(doors.direct, { body })).body;
  };

  test('both doors name the path', async () => {
    for (const [i, message] of [
      [{ email: 'a@b.co' }, 'Variable "$i".password is required.'],
      [{ email: 'a@b.co', password: [SECRET] }, 'Variable "$i".password must be of type String.'],
      [{ email: 5, password: 'x' }, 'Variable "$i".email must be of type EmailAddress.'],
    ] as const) {
      const { errors } = JSON.parse(await textsOf(JSON.stringify({ query, variables: { i } })));
      expect(errors.map((error: { message: string }) => error.message)).toEqual([message]);
    }
  });

  test.each(IN_ITS_WORDS)('%j', async (words) => {
    for (const i of [
      { email: 'a@b.co', password: 'x', [words]: 1 },
      { email: 'a@b.co', [words]: words },
      { email: { [words]: words }, password: [words] },
      { [words]: { [words]: words } },
      [words],
      words,
    ]) {
      const text = await textsOf(JSON.stringify({ query, variables: { i } }));
      expect(text).toContain('BAD_USER_INPUT');
      expect(text).not.toContain(SECRET);
    }
    // A string in place of a name: graphql-js quotes it in the middle of its own sentence.
    const text = await textsOf(JSON.stringify({ query: `{ ${JSON.stringify(words)} }` }));
    expect(text).not.toContain(SECRET);
    expect(text).toContain('GRAPHQL_PARSE_FAILED');
  });
});

test('GQ-9: production names the path, as development does', async () => {
  const query = 'mutation ($i: VerifyEmailInput!) { verifyEmail(input: $i) { __typename } }';
  const { DATABASE_URL: _, ...production } = PRODUCTION;
  for (const env of [{}, production]) {
    const server = await startTestServer({ env });
    try {
      const { errors, text } = await server.graphql(query, { i: { proof: { code: SECRET } } });
      const expected = ['Variable "$i".proof.code must be of type EmailCodeInput.'];
      expect(errors.map(({ message }) => message)).toEqual(expected);
      expect(text).not.toContain(SECRET);
    } finally {
      await server.close();
    }
  }
});
