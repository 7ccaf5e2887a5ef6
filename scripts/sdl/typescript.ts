import {
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLUnionType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isUnionType,
} from 'graphql';
import { withHash } from './client-documents.ts';
import { capitalized, operationsOf, type SdlOperation } from './operations.ts';
import { membersOf, responseName, selectedFields } from './selection.ts';

const SCALARS: Readonly<Record<string, string>> = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  JSONObject: 'Readonly<Record<string, unknown>>',
  PasskeyCreationOptions: 'Readonly<Record<string, unknown>>',
  PasskeyRequestOptions: 'Readonly<Record<string, unknown>>',
};

/** The module of typed operations: one constant for each, and the types they use. */
export function typescriptModule(schema: GraphQLSchema): string {
  const operations = operationsOf(schema);
  const types = reachableTypes(operations).sort((one, other) => (one.name < other.name ? -1 : 1));
  return [
    '// Generated from the schema by `npm run client:operations`. Do not edit.',
    "import type { Operation } from '../operation.ts';",
    ...types.map(declaration),
    ...operations.map(constant),
    '',
  ].join('\n\n');
}

function constant(operation: SdlOperation): string {
  const { field, parent, name, document } = operation;
  const args = field.args.map(
    (arg) => `readonly ${arg.name}${isRequiredArgument(arg) ? '' : '?'}: ${inputText(arg.type)}`,
  );
  const variables = args.length > 0 ? `{ ${args.join('; ')} }` : 'Record<string, never>';
  const value = outputText(field.type);
  const isNullable = parent !== null && !isNonNullType(parent.type);
  const result = parent
    ? `{ readonly ${field.name}: ${value} }${isNullable ? ' | null' : ''}`
    : value;
  return [
    comment(field.description),
    `export type ${capitalized(name)}Variables = ${variables};`,
    comment(field.description),
    `export const ${name}: Operation<${result}, ${capitalized(name)}Variables> = ${JSON.stringify(withHash(document))};`,
  ].join('\n');
}

function declaration(type: GraphQLNamedType): string {
  const head = `${comment(type.description)}\nexport type ${type.name} =`;
  if (isEnumType(type)) {
    return `${head} ${type
      .getValues()
      .map(({ name }) => `'${name}'`)
      .join(' | ')};`;
  }
  if (isUnionType(type)) {
    const members = membersOf(type).map(
      (member) => `  | ({ readonly __typename: '${member.name}' } & ${memberText(type, member)})`,
    );
    return `${head}\n${members.join('\n')};`;
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    if (type.isOneOf) {
      const choices = fields.map((chosen) => {
        const others = fields.filter((field) => field !== chosen);
        const absent = others.map(({ name }) => ` readonly ${name}?: never;`).join('');
        return `  | { readonly ${chosen.name}: ${inputText(chosen.type, false)};${absent} }`;
      });
      return `${head}\n${choices.join('\n')};`;
    }
    const lines = fields.map((field) => {
      const mark = isRequiredInputField(field) ? '' : '?';
      return `  ${comment(field.description)}\n  readonly ${field.name}${mark}: ${inputText(field.type)};`;
    });
    return `${head} {\n${lines.join('\n')}\n};`;
  }
  const lines = selectedFields(type as GraphQLObjectType).map(
    (field) =>
      `  ${comment(field.description)}\n  readonly ${field.name}: ${outputText(field.type)};`,
  );
  return `${head} {\n${lines.join('\n')}\n};`;
}

/** The member's own type, unless one of its fields has another name in this union. */
function memberText(type: GraphQLUnionType, member: GraphQLObjectType): string {
  const renamed = selectedFields(member)
    .map((field) => ({ field, alias: responseName(type, member, field.name) }))
    .filter(({ field, alias }) => alias !== field.name);
  if (renamed.length === 0) return member.name;
  const left = renamed.map(({ field }) => `'${field.name}'`).join(' | ');
  const added = renamed.map(({ field, alias }) => `readonly ${alias}: ${outputText(field.type)}`);
  return `Omit<${member.name}, ${left}> & { ${added.join('; ')} }`;
}

function outputText(type: GraphQLOutputType): string {
  if (isNonNullType(type)) return bareText(type.ofType);
  return `${bareText(type)} | null`;
}

function inputText(type: GraphQLInputType, isNullable = true): string {
  if (isNonNullType(type)) return bareText(type.ofType);
  return isNullable ? `${bareText(type)} | null` : bareText(type);
}

function bareText(type: GraphQLOutputType | GraphQLInputType): string {
  if (isListType(type)) {
    const item = isNonNullType(type.ofType)
      ? bareText(type.ofType.ofType)
      : `${bareText(type.ofType)} | null`;
    return `readonly ${item.includes(' ') ? `(${item})` : item}[]`;
  }
  const named = getNamedType(type);
  return isScalarType(named) ? (SCALARS[named.name] ?? 'string') : named.name;
}

function reachableTypes(operations: readonly SdlOperation[]): GraphQLNamedType[] {
  const found = new Set<GraphQLNamedType>();
  const visit = (type: GraphQLNamedType): void => {
    if (isScalarType(type) || found.has(type)) return;
    found.add(type);
    if (isUnionType(type)) type.getTypes().forEach(visit);
    if (isObjectType(type)) {
      for (const field of selectedFields(type)) visit(getNamedType(field.type));
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) visit(getNamedType(field.type));
    }
  };
  for (const { field } of operations) {
    visit(getNamedType(field.type));
    for (const arg of field.args) visit(getNamedType(arg.type));
  }
  return [...found];
}

function comment(description: string | null | undefined): string {
  return `/** ${(description ?? '').replaceAll('*/', '* /').replaceAll('\n', ' ')} */`;
}
