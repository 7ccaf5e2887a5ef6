import type { GraphQLSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type Json,
  type Leaf,
  leavesOf,
  type Operation,
  operations,
  replaced,
} from './schema-inputs.ts';

/** The text that no response and no log line may repeat. */
export const CANARY = 'cAnArY-7f3a9';

export type Result = {
  readonly status: number;
  readonly text: string;
  /** The union's member; null if the response has no data. */
  readonly kind: string | null;
  readonly paths: readonly string[];
};

/** Reads a response to a request of one operation. */
export async function readResult(response: Response): Promise<Result> {
  const text = await response.text();
  const { data } = text.startsWith('{') ? JSON.parse(text) : { data: null };
  const [result] = Object.values<{ __typename: string; issues?: { path: string[] }[] }>(data ?? {});
  return {
    status: response.status,
    text,
    kind: result?.__typename ?? null,
    paths: (result?.issues ?? []).map(({ path }) => path.join('.')),
  };
}

/** The response is no fault and repeats no input. */
export function expectHarmless(result: Result, what: string): void {
  expect(result.status, `${what}: ${result.text}`).toBeLessThan(500);
  expect(result.text, what).not.toContain('INTERNAL_SERVER_ERROR');
  expect(result.text, what).not.toContain(CANARY);
  expect(result.text, what).not.toMatch(/did you mean/i);
}

/** The request is malformed, or the error names the field. */
function expectRejected(result: Result, path: string, what: string): void {
  expectHarmless(result, what);
  if (result.kind === null) {
    expect(result.status, `${what}: ${result.text}`).toBeGreaterThanOrEqual(400);
    return;
  }
  expect(result.kind, what).toBe('InvalidInputError');
  // In a list, the error names the item.
  expect(
    result.paths.map((one) => one.replace(/\.\d+$/, '')),
    what,
  ).toContain(path);
}

type Case = {
  readonly what: string;
  readonly value: unknown;
  readonly applies?: (leaf: Leaf) => boolean;
};

const isText = ({ type }: Leaf) => /^(String|ID|EmailAddress|URL|Locale)$/.test(type);
/**
 * PW-7: a password may be any text, and a name nearly any. RL-3, PR-11: an unknown device token or
 * registration token is treated as none.
 */
const isFreeText = ({ path }: Leaf) =>
  /password$|^(name|description|reason)$|^(device|registration)Token$/i.test(path.at(-1) ?? '');

/** Values that no field accepts. */
const REFUSED: readonly Case[] = [
  { what: 'missing', value: undefined, applies: ({ optional }) => !optional },
  { what: 'null', value: null, applies: ({ required }) => required },
  // LG-11: an empty name means no name.
  { what: 'empty', value: '', applies: ({ path }) => path.at(-1) !== 'name' },
  { what: 'unseen', value: '\u3164', applies: ({ path }) => path.at(-1) === 'name' },
  {
    what: 'an object',
    value: { [CANARY]: CANARY },
    applies: ({ type }) => type !== 'JSONObject',
  },
  { what: 'a list of objects', value: [{ value: CANARY }] },
  { what: 'true', value: true, applies: ({ type }) => type !== 'Boolean' },
  { what: 'a fraction', value: 12.5, applies: ({ type }) => type !== 'Float' },
  {
    what: 'a text where none belongs',
    value: CANARY,
    // GraphQL reads one value as a list of it, and an unknown id is nobody’s (SE-4).
    applies: (leaf) => !isText(leaf) && leaf.type !== '[ID!]',
  },
];

/** Texts that a field may accept, although they match nothing in the database. */
const HARMLESS: readonly Case[] = [
  { what: '60 kB', value: CANARY.repeat(5_000) },
  { what: 'a high surrogate alone', value: `${CANARY}\ud800` },
  { what: 'a low surrogate alone', value: `\udc00${CANARY}` },
  { what: 'NUL', value: `${CANARY}\u0000${CANARY}` },
  { what: 'control characters', value: `${CANARY}\r\n\u001b[31m\u0085\u202e` },
  { what: 'not characters', value: `${CANARY}\uffff\ufffe` },
  { what: 'a percent sign, a quote and a backslash', value: `%00' or 1=1 --\\${CANARY}` },
];

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (inner as Json)[name], value);
}

/**
 * Sends hostile input to every mutation of a schema.
 *
 * @param post sends a body over a real socket, as a caller who may do everything
 */
export function describeBadInput(
  schema: GraphQLSchema,
  post: (body: string | Uint8Array<ArrayBuffer>) => Promise<Result>,
): void {
  const send = (operation: Operation, variables: Json) =>
    post(JSON.stringify({ query: operation.document, variables }));

  describe.each(operations(schema).filter(({ inputs }) => inputs.length > 0))(
    '$name',
    (operation) => {
      const leaves = operation.inputs.flatMap((input) =>
        leavesOf(operation.name, input, schema).map((leaf) => ({
          ...leaf,
          input,
          name: leaf.path.join('.'),
        })),
      );

      test.each(leaves)(
        'GQ-9: $name rejects invalid values, and the error names the field',
        async (leaf) => {
          for (const { what, value } of REFUSED.filter(({ applies }) => applies?.(leaf) ?? true)) {
            const input = replaced(leaf.input, leaf.path, value);
            expectRejected(await send(operation, { input }), `input.${leaf.name}`, what);
          }
        },
      );

      test.each(leaves.filter(isText))(
        'hostile text in $name causes no fault and is not repeated',
        async (leaf) => {
          for (const { what, value } of HARMLESS) {
            const result = await send(operation, { input: replaced(leaf.input, leaf.path, value) });
            expectHarmless(result, what);
            if (result.kind !== null && !isFreeText(leaf))
              expect(result.kind, what).toMatch(/Error$/);
          }
        },
      );

      test.each(leaves.filter(isText))(
        'GQ-10: a character that PostgreSQL cannot store in $name is no fault',
        async (leaf) => {
          const example = String(valueAt(leaf.input, leaf.path));
          const middle = Math.floor(example.length / 2);
          for (const character of ['\u0000', '\ud83d', '\ude00', '\ude00\ud83d']) {
            for (const at of [0, middle, example.length]) {
              const value = example.slice(0, at) + character + example.slice(at);
              const result = await send(operation, {
                input: replaced(leaf.input, leaf.path, value),
              });
              expectHarmless(result, JSON.stringify(value));
            }
          }
        },
      );

      test('unknown fields beside and inside the input', async () => {
        for (const input of operation.inputs) {
          const places = new Set(
            leavesOf(operation.name, input, schema).map(({ path }) => path.slice(0, -1).join('.')),
          );
          for (const place of places) {
            const path = place === '' ? [] : place.split('.');
            for (const name of [
              CANARY,
              // A message in the words of graphql-js, which must not be read as one of its own.
              `include required field "${CANARY}"`,
              `Variable "$input" has invalid value at .${CANARY}: `,
              '__proto__',
              'constructor',
              'role',
              'emailVerified',
              'userId',
            ].filter((name) => !leaves.some(({ path }) => path.at(-1) === name))) {
              const extra = JSON.stringify(replaced(input, [...path, 'EXTRA'], CANARY));
              const body = extra.replace('"EXTRA"', JSON.stringify(name));
              const result = await post(
                `{"query":${JSON.stringify(operation.document)},"variables":{"input":${body}}}`,
              );
              expect(result.kind, name).toBeNull();
              expectRejected(result, '', name);
            }
          }
        }
      });

      test('another value in place of the input', async () => {
        for (const input of [CANARY, 7, true, [CANARY], [[]], { [CANARY]: null }]) {
          const result = await send(operation, { input });
          expect(result.kind, JSON.stringify(input)).toBeNull();
          expectRejected(result, '', JSON.stringify(input));
        }
        for (const variables of [{}, { input: null }, { [CANARY]: CANARY }]) {
          const result = await send(operation, variables);
          expectHarmless(result, JSON.stringify(variables));
          expect(result.kind ?? 'an Error').toMatch(/Error$/);
        }
      });

      test('HT-5: a body of 70 kB is rejected before it is read', async () => {
        const [input] = operation.inputs;
        const [leaf] = leaves;
        const big = replaced(input, leaf?.path ?? [], CANARY.repeat(6_000));
        const result = await send(operation, { input: big });
        expect(result.status).toBe(413);
        expectHarmless(result, '70 kB');
      });
    },
  );
}
