import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/**
 * The selection of every field of a type, down to the leaves: `{ id email roles { name } }`. It is made from the schema, so
 * that a command prints each field that the API has, also those that are added later.
 *
 * @param options.withLists false to leave out the lists that come in pages
 */
export function selectionOf(
  schema: GraphQLSchema,
  typeName: string,
  { withLists = true }: { readonly withLists?: boolean } = {},
): string {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new TypeError(`The schema has no type ${typeName}.`);
  return select(type, { withLists, above: [] });
}

type Walk = { readonly withLists: boolean; readonly above: readonly string[] };

function select(output: GraphQLOutputType, { withLists, above }: Walk): string {
  const type = getNamedType(output);
  if (!isObjectType(type)) return '';
  const below = { withLists, above: [...above, type.name] };
  const fields = Object.values(type.getFields()).filter((field) => {
    const { name } = getNamedType(field.type);
    const isEndless = below.above.includes(name);
    const isList = name.endsWith('Connection');
    return !isEndless && (withLists || !isList) && !field.args.some(isRequiredArgument);
  });
  return `{ ${fields.map((field) => `${field.name} ${select(field.type, below)}`).join(' ')} }`;
}
