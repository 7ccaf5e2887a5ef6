import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  isObjectType,
  Kind,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { createSchema } from './schema.ts';

/** The schema as clients read it (schema.graphql), with the directives its fields carry. */
export function printApi(): string {
  const schema = createSchema();
  const document = visit(parse(printSchema(schema)), {
    ObjectTypeDefinition: (type) => ({
      ...type,
      fields: type.fields?.map((field) => ({
        ...field,
        directives: [
          ...(field.directives ?? []),
          ...directivesOf(schema, type.name.value, field.name.value),
        ],
      })),
    }),
  });
  return `${print(document)}\n`;
}

/** Returns the directives of a field. graphql-js prints only the directives of input objects. */
function directivesOf(
  schema: GraphQLSchema,
  typeName: string,
  fieldName: string,
): readonly ConstDirectiveNode[] {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  const directives: unknown = field?.extensions['directives'];
  if (!Array.isArray(directives)) return [];
  return directives.map(({ name }: { readonly name: string }) => ({
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
  }));
}
