import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLUnionType,
  getNamedType,
  isLeafType,
  isUnionType,
} from 'graphql';

/** The server refuses deeper operations (GQ-6); the operation's own field is the first level. */
const MAX_DEPTH = 5;

/**
 * The fields that a generated operation selects of an object: every field that takes no argument and requires
 * nothing more of the caller than the object itself. The others have operations of their own, because a refused
 * field would discard the result of a whole mutation.
 */
export function selectedFields(
  type: GraphQLObjectType | GraphQLInterfaceType,
): readonly GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter((field) => !standsAlone(type, field));
}

/** True for a field that takes arguments, or that requires more rights than its object. */
export function standsAlone(
  type: GraphQLObjectType | GraphQLInterfaceType,
  field: GraphQLField<unknown, unknown>,
): boolean {
  if (field.args.length > 0) return true;
  const isGuarded = optionsOf(type)['authScopes'] !== undefined;
  return isGuarded && optionsOf(field)['skipTypeScopes'] !== true;
}

/** The options that the builder was given for a type or a field. */
function optionsOf(element: {
  readonly extensions: Readonly<Record<string, unknown>>;
}): Readonly<Record<string, unknown>> {
  return (element.extensions['pothosOptions'] ?? {}) as Readonly<Record<string, unknown>>;
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
function isError(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some(({ name }) => name === 'Error');
}

/**
 * The name of a union member's field in a response. Two members may have a field of the same name with different
 * types, which one selection cannot request under that name (GraphQL 5.3.2).
 */
export function responseName(
  type: GraphQLUnionType,
  member: GraphQLObjectType,
  name: string,
): string {
  const members = membersOf(type);
  const isTaken = members
    .slice(0, members.indexOf(member))
    .map((earlier) => earlier.getFields()[name])
    .some((field) => field && String(field.type) !== String(member.getFields()[name]?.type));
  if (!isTaken) return name;
  const prefix = member.name.slice(0, 1).toLowerCase() + member.name.slice(1);
  return prefix + name.slice(0, 1).toUpperCase() + name.slice(1);
}

function unionSelection(type: GraphQLUnionType, depth: number): string {
  const members = membersOf(type).flatMap((member) => {
    const own = fieldsOf(member, depth, isError(member) ? ['message'] : [], (name) =>
      responseName(type, member, name),
    );
    return own.length > 0 ? [`... on ${member.name} { ${own.join(' ')} }`] : [];
  });
  const refusal = type.getTypes().some(isError) ? ['... on Error { message }'] : [];
  return `{ ${['__typename', ...members, ...refusal].join(' ')} }`;
}

function fieldsOf(
  type: GraphQLObjectType | GraphQLInterfaceType,
  depth: number,
  without: readonly string[] = [],
  called: (name: string) => string = (name) => name,
): string[] {
  return selectedFields(type)
    .filter(({ name }) => !without.includes(name))
    .map(({ name, type: output }) => {
      const alias = called(name) === name ? '' : `${called(name)}: `;
      return `${alias}${name} ${selectionOf(output, depth + 1)}`.trimEnd();
    });
}
