import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { publicSchema } from '../support/schema.ts';

/** A mutation as a client would send it, asking for nothing but the kind of its answer. */
export type Operation = {
  readonly name: string;
  readonly document: string;
  /** Well-formed inputs, one for each alternative of a @oneOf; empty where there is no input. */
  readonly inputs: readonly Json[];
};

export type Json = { readonly [key: string]: unknown };

/** Every mutation of a schema: one that is added later is in it by itself. */
export function operations(schema: GraphQLSchema = publicSchema()): readonly Operation[] {
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  return fields.map((field) => ({
    name: field.name,
    document: documentOf(field),
    inputs: field.args.flatMap((arg) => examples(arg.type, arg.name) as Json[]),
  }));
}

function documentOf({ name, args }: GraphQLField<unknown, unknown>): string {
  const [input] = args;
  const variables = input ? `($input: ${input.type})` : '';
  const passed = input ? '(input: $input)' : '';
  return `mutation ${variables} { ${name}${passed} {
    __typename
    ... on Error { message }
    ... on InvalidInputError { issues { path message } }
  } }`;
}

/** Values that fit a type, as a stranger could write them: no account is behind any of them. */
export function examples(type: GraphQLInputType, name: string): readonly unknown[] {
  const bare = getNullableType(type);
  if (isListType(bare)) return examples(bare.ofType, name).map((value) => [value]);
  if (isEnumType(bare))
    return bare
      .getValues()
      .slice(0, 1)
      .map((value) => value.name);
  if (!isInputObjectType(bare)) return [exampleOf(bare.name, name)];
  const fields = Object.values(bare.getFields());
  if (bare.isOneOf) {
    return fields.flatMap((field) =>
      examples(field.type, field.name).map((value) => ({ [field.name]: value })),
    );
  }
  return fields.reduce<readonly Json[]>(
    (rows, field) =>
      rows.flatMap((row) =>
        examples(field.type, field.name).map((value) => ({ ...row, [field.name]: value })),
      ),
    [{}],
  );
}

function exampleOf(type: string, name: string): unknown {
  if (type === 'Int' || type === 'Float') return 1;
  if (type === 'Boolean') return true;
  if (type === 'DateTime') return '2030-01-01T00:00:00.000Z';
  if (type === 'JSONObject') return {};
  if (type === 'EmailAddress') return 'nobody@example.com';
  if (name === 'callbackUrl') return 'http://localhost:4000/oauth/callback?code=a&state=b';
  if (type === 'Locale') return 'en';
  if (name === 'picture') return 'https://example.com/picture.png';
  if (name === 'ipAddress') return '192.0.2.1';
  if (type === 'URL') return 'http://localhost:4000/oauth/callback';
  if (/password/i.test(name)) return 'correct horse battery staple';
  return name === 'code' ? '12345678' : 'x'.repeat(20);
}

/** A field of an input that holds no further fields: how to get there, and what it takes. */
export type Leaf = {
  readonly path: readonly string[];
  /** Null is invalid. */
  readonly required: boolean;
  /** The field may be missing, because it is nullable or has a default. */
  readonly optional: boolean;
  readonly type: string;
};

/** The leaves of an operation's input type that an example has a value for. */
export function leavesOf(
  operation: string,
  example: Json,
  schema: GraphQLSchema = publicSchema(),
): readonly Leaf[] {
  const field = schema.getMutationType()?.getFields()[operation];
  const input = field?.args[0];
  return input ? walk(input.type, example, []) : [];
}

function walk(
  type: GraphQLInputType,
  value: unknown,
  path: readonly string[],
  optional = false,
): readonly Leaf[] {
  const bare = getNullableType(type);
  if (!isInputObjectType(bare)) {
    return [{ path, required: isNonNullType(type), optional, type: String(bare) }];
  }
  return Object.values(bare.getFields()).flatMap((field) => {
    const inner: unknown = (value as Json)[field.name];
    const isOptional = !isRequiredInputField(field);
    return inner === undefined ? [] : walk(field.type, inner, [...path, field.name], isOptional);
  });
}

/** A copy with another value at one place, or, for undefined, with nothing there. */
export function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  return { ...(value as Json), [first]: replaced((value as Json)[first], rest, by) };
}
