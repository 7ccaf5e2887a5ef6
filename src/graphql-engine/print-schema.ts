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
import { createAdminSchema } from '../admin/schema.ts';
import { createSchema } from './schema.ts';

/** The public schema as clients read it (schema.graphql), with the directives its fields carry. */
export function printApi(): string {
  return printWithDirectives(createSchema());
}

/** The administrators' schema (schema.admin.graphql). */
export function printAdminApi(): string {
  return printWithDirectives(createAdminSchema());
}

function printWithDirectives(schema: GraphQLSchema): string {
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
  return directives.map(({ name, args }: FieldDirective) => ({
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(args).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: { kind: Kind.ENUM, value },
    })),
  }));
}

/** A directive as the plugin remembers it. The arguments of this server's directives are names of enum values. */
type FieldDirective = {
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
};
