import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  print,
} from 'graphql';

/** One thing a client relies on: where it stands, and what it is. */
type Fact = { readonly at: string; readonly is: string };

/**
 * What can be reached from the root fields, as facts; the schema is one built from
 * SDL. A coordinate of `leavingOut`, such as
 * `Mutation.login`, `Viewer.mfa` or `LoginResult.MfaRequired`, is left out with all that only it
 * leads to.
 */
export function factsOf(schema: GraphQLSchema, leavingOut: readonly string[] = []) {
  const facts: Fact[] = [];
  const seen = new Set<string>();
  const types: GraphQLNamedType[] = [];
  const skipped = new Set(leavingOut);

  const visit = (type: GraphQLNamedType | null | undefined) => {
    if (!type || seen.has(type.name)) return;
    seen.add(type.name);
    types.push(type);
  };
  const add = (at: string, is: string, ...leadsTo: readonly GraphQLNamedType[]) => {
    if (skipped.has(at)) return;
    facts.push({ at, is });
    leadsTo.forEach(visit);
  };

  visit(schema.getQueryType());
  visit(schema.getMutationType());
  for (const type of types) {
    add(type.name, kindOf(type));
    if (isUnionType(type)) {
      for (const member of type.getTypes()) add(`${type.name}.${member.name}`, 'a member', member);
    } else if (isEnumType(type)) {
      for (const value of type.getValues()) add(`${type.name}.${value.name}`, 'a value');
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        add(`${type.name}.${field.name}`, inputFact(field), getNamedType(field.type));
      }
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const one of type.getInterfaces()) add(`${type.name}&${one.name}`, 'implemented', one);
      for (const field of Object.values(type.getFields())) {
        const at = `${type.name}.${field.name}`;
        add(at, String(field.type), getNamedType(field.type));
        if (skipped.has(at)) continue;
        for (const arg of field.args) {
          add(`${at}(${arg.name}:)`, inputFact(arg), getNamedType(arg.type));
        }
      }
    }
  }
  return { facts, types: types.map(({ name }) => name) };
}

function kindOf(type: GraphQLNamedType): string {
  const kind = type.constructor.name;
  return isInputObjectType(type) && type.isOneOf ? `${kind} @oneOf` : kind;
}

function inputFact({ type, default: fallback }: Pick<GraphQLArgument, 'type' | 'default'>): string {
  return fallback?.literal ? `${type} = ${print(fallback.literal)}` : String(type);
}
