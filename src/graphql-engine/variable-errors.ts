import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLInputType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { MAX_ERRORS } from './operation-limits.ts';

type VariableArgs = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

/** The error of a variable that does not fit its type, in the words of `explainVariables`. */
export class VariableError extends GraphQLError {}

/**
 * Replaces the errors of graphql-js about variables that do not fit their types. Its messages quote
 * the value, which may hold a password beside the wrong field, and the keys of the value, which are
 * the caller's text as well (GQ-9). Nothing is read from those messages. This function compares the
 * values with their types itself, and the new message holds names of the schema and the place alone:
 * `Variable "$input".proof.code must be of type String.`
 *
 * @returns the result itself if its errors are about something else
 */
export function explainVariables(result: ExecutionResult, args: VariableArgs): ExecutionResult {
  const { errors = [] } = result;
  const rejected = errors.flatMap(({ nodes }) => (nodes?.[0] ? [nodes[0]] : [])).filter(isVariable);
  if (rejected.length === 0) return result;
  const { schema, document, operationName } = args;
  const variableValues = args.variableValues ?? {};
  const explained = (getOperationAST(document, operationName)?.variableDefinitions ?? []).flatMap(
    (definition) => {
      const type = typeFromAST(schema, definition.type);
      const name = definition.variable.name.value;
      const value = Object.hasOwn(variableValues, name) ? variableValues[name] : undefined;
      const isLeftOut = value === undefined && definition.defaultValue !== undefined;
      if (!isInputType(type) || isLeftOut) return [];
      const found = misfits(value, type, `Variable "$${name}"`).take(MAX_ERRORS);
      return [...found].map((message) => ({ definition, message }));
    },
  );
  // graphql-js decides whether a value fits. If the comparison finds nothing, the message says less.
  const reported = explained.length > 0 ? explained : rejected.map(withoutPlace);
  return {
    errors: reported
      .slice(0, MAX_ERRORS)
      .map(({ definition, message }) => new VariableError(message, { nodes: definition })),
  };
}

function isVariable(node: { readonly kind: string }): node is VariableDefinitionNode {
  return node.kind === Kind.VARIABLE_DEFINITION;
}

function withoutPlace(definition: VariableDefinitionNode) {
  const message = `Variable "$${definition.variable.name.value}" does not fit its type.`;
  return { definition, message };
}

/** Yields one sentence for each part of a value that does not fit its type. */
function* misfits(value: unknown, type: GraphQLInputType, place: string): Generator<string> {
  if (isNonNullType(type)) {
    if (value === undefined) yield `${place} is required.`;
    else if (value === null) yield `${place} must not be null.`;
    else yield* misfits(value, type.ofType, place);
    return;
  }
  if (value === undefined || value === null) return;
  if (isListType(type)) {
    // A single value stands for a list of one (GraphQL, 3.11).
    if (!Array.isArray(value)) return yield* misfits(value, type.ofType, place);
    for (const [index, item] of value.entries())
      yield* misfits(item, type.ofType, `${place}[${index}]`);
    return;
  }
  if (!isInputObjectType(type)) {
    if (!isCoercible(value, type)) yield `${place} must be of type ${type.name}.`;
    return;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    yield `${place} must be of type ${type.name}.`;
    return;
  }
  const fields = type.getFields();
  const given = new Map(Object.entries(value));
  for (const field of Object.values(fields)) {
    const inner: unknown = given.get(field.name);
    if (inner !== undefined) yield* misfits(inner, field.type, `${place}.${field.name}`);
    else if (isRequiredInputField(field)) yield `${place}.${field.name} is required.`;
  }
  const keys = [...given.keys()];
  if (keys.some((key) => !Object.hasOwn(fields, key)))
    yield `${place} has a field that ${type.name} does not have.`;
  if (type.isOneOf && (keys.length !== 1 || given.get(keys[0] ?? '') === null))
    yield `${place} must have exactly one field, which must not be null.`;
}

type LeafType = Exclude<GraphQLInputType, { readonly ofType: unknown } | { getFields(): unknown }>;

/** Scalars and enums reject a value by throwing an error that quotes the value. */
function isCoercible(value: unknown, type: LeafType): boolean {
  try {
    return type.coerceInputValue(value, true) !== undefined;
  } catch {
    return false;
  }
}
