import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLUnionType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isUnionType,
} from 'graphql';

/** The server refuses deeper operations (GQ-6); the operation's own field is the first level. */
const MAX_DEPTH = 5;

/**
 * What an example or a generated operation selects of an object: every field that takes no
 * argument. A list that can be paged takes some, and has an operation of its own.
 */
export function selectedFields(
  type: GraphQLObjectType | GraphQLInterfaceType,
): readonly GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter((field) => field.args.length === 0);
}

/** The selection set of a type, braces included; empty for a leaf. */
export function selectionOf(output: GraphQLOutputType, depth = 0): string {
  const type = getNamedType(output);
  if (isLeafType(type)) return '';
  if (depth > MAX_DEPTH) throw new Error(`The selection of ${type.name} is too deep.`);
  if (isUnionType(type)) return unionSelection(type, depth);
  return `{ ${fieldsOf(type, depth).join(' ')} }`;
}

/** The members of a union, refusals last. */
export function membersOf(type: GraphQLUnionType): readonly GraphQLObjectType[] {
  const members = type.getTypes();
  return [...members.filter((one) => !isError(one)), ...members.filter(isError)];
}

/** True for a refusal. */
export function isError(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some(({ name }) => name === 'Error');
}

function unionSelection(type: GraphQLUnionType, depth: number): string {
  const members = membersOf(type).flatMap((member) => {
    const own = fieldsOf(member, depth, isError(member) ? ['message'] : []);
    return own.length > 0 ? [`... on ${member.name} { ${own.join(' ')} }`] : [];
  });
  const refusal = type.getTypes().some(isError) ? ['... on Error { message }'] : [];
  return `{ ${['__typename', ...members, ...refusal].join(' ')} }`;
}

function fieldsOf(
  type: GraphQLObjectType | GraphQLInterfaceType,
  depth: number,
  without: readonly string[] = [],
): string[] {
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return selectedFields(type)
    .filter(({ name }) => !without.includes(name))
    .map((field) => [field.name, selectionOf(field.type, depth + 1)].filter(Boolean).join(' '));
}
