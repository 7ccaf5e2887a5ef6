import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';

/** Each field of the query type leads to one object: a cache keeps it once, whatever returned it. */
const SINGLETONS: ReadonlySet<string> = new Set(['Viewer', 'AuthSettings']);

/** The module with what normalized caches need to know about the schema. */
export function cacheModule(schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const abstract = types.filter(isAbstractType).map((type) => {
    const members = schema.getPossibleTypes(type).map(({ name }) => name);
    return `  ${type.name}: ${listText(members.toSorted())},`;
  });
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const objects = types.filter(isObjectType).filter((type) => !roots.includes(type));
  const keyless = objects.filter((type) => !('id' in type.getFields()));
  const keys = keyless.map(({ name }) => {
    return `  ${name}: () => ${SINGLETONS.has(name) ? `'${name}'` : 'null'},`;
  });
  const policies = keyless.flatMap(({ name }) => {
    if (SINGLETONS.has(name)) return [`  ${name}: { keyFields: [] },`];
    return isPartOfSingleton(objects, name) ? [`  ${name}: { merge: true },`] : [];
  });
  return [
    '// Generated from the schema by `npm run client:operations`. Do not edit.',
    [
      '/** The types of each interface and union: `new InMemoryCache({ possibleTypes, typePolicies })`, `cacheExchange({ possibleTypes, keys })`. */',
      'export const possibleTypes: Record<string, string[]> = {',
      ...abstract,
      '};',
    ].join('\n'),
    [
      '/** Apollo Client: the viewer is one thing, whichever operation returned it, and its parts are its own. */',
      'export const typePolicies: Record<string, { keyFields?: never[]; merge?: true }> = {',
      ...policies,
      '};',
    ].join('\n'),
    [
      '/** urql’s normalized cache: the same, and which types have no key. */',
      'export const keys: Record<string, () => string | null> = {',
      ...keys,
      '};',
    ].join('\n'),
    '',
  ].join('\n\n');
}

/** Apollo replaces such an object by the fields that were requested last, and warns that data may be lost. */
function isPartOfSingleton(objects: readonly GraphQLObjectType[], part: string): boolean {
  return objects
    .filter(({ name }) => SINGLETONS.has(name))
    .flatMap((type) => Object.values(type.getFields()))
    .some(
      ({ type, args }) =>
        args.length === 0 && getNamedType(type).name === part && !String(type).includes('['),
    );
}

function listText(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
