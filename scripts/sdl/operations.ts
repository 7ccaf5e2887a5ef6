import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  parse,
  print,
} from 'graphql';
import { selectionOf, standsAlone } from './selection.ts';

type Field = GraphQLField<unknown, unknown>;

/** One operation that selects every field of an outcome. */
export type SdlOperation = {
  readonly kind: 'query' | 'mutation';
  /** The field, or the path to it: `viewerSessions` for `viewer { sessions }`. */
  readonly name: string;
  /** The field whose value the operation returns. */
  readonly field: Field;
  /** The field that `field` is read from, if it is no root field. */
  readonly parent: Field | null;
  /** The document, pretty-printed. */
  readonly document: string;
};

/** An operation for each root field, and for each object below one that has an operation of its own. */
export function operationsOf(schema: GraphQLSchema): readonly SdlOperation[] {
  const queries = fields(schema.getQueryType());
  return [
    ...queries.map((field) => operation('query', field)),
    ...queries.flatMap((parent) => alone(parent).map((field) => operation('query', field, parent))),
    ...fields(schema.getMutationType()).map((field) => operation('mutation', field)),
  ];
}

function fields(type: GraphQLObjectType | null | undefined): readonly Field[] {
  return Object.values(type?.getFields() ?? {});
}

function alone(parent: Field): readonly Field[] {
  const type = getNamedType(parent.type);
  if (!isObjectType(type)) return [];
  return fields(type).filter(
    (field) => standsAlone(type, field) && !isLeafType(getNamedType(field.type)),
  );
}

function operation(
  kind: SdlOperation['kind'],
  field: Field,
  parent: Field | null = null,
): SdlOperation {
  const name = parent ? parent.name + capitalized(field.name) : field.name;
  const declared = field.args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const inner = `${field.name}${passed && `(${passed})`} ${selectionOf(field.type, parent ? 1 : 0)}`;
  const body = parent ? `${parent.name} { ${inner} }` : inner;
  const text = `${kind} ${capitalized(name)}${declared && `(${declared})`} { ${body} }`;
  return { kind, name, field, parent, document: print(parse(text)) };
}

/** `login` as `Login`. */
export function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
