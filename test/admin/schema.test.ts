import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { createAdminSchema, FIELDS_OF_ANY_CALLER } from '../../src/admin/schema.ts';
import { printAdminApi, printApi } from '../../src/graphql-engine/print-schema.ts';
import { ROOT } from '../architecture/sources.ts';

const schema = createAdminSchema();
const printed = printAdminApi();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const fieldsOf = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    ? Object.values(type.getFields())
    : [];
const argumentsOf = (field: ReturnType<typeof fieldsOf>[number]): readonly GraphQLArgument[] =>
  'args' in field ? field.args : [];
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

test('schema.admin.graphql is the schema as printed from the code: npm run schema', () => {
  expect(readFileSync(join(ROOT, 'schema.admin.graphql'), 'utf8')).toBe(printed);
  expect(validateSchema(buildSchema(printed))).toEqual([]);
  const served = createAdminSchema({ sorted: false });
  expect(printSchema(lexicographicSortSchema(served))).toBe(printSchema(schema));
});

test('every type, field, argument, enum value and input field is described', () => {
  const elements = types.flatMap((type) => [
    { name: type.name, description: type.description },
    ...fieldsOf(type).flatMap((field) => [
      { name: `${type.name}.${field.name}`, description: field.description },
      ...argumentsOf(field).map(({ name, description }) => ({
        name: `${type.name}.${field.name}(${name}:)`,
        description,
      })),
    ]),
    ...(isEnumType(type) ? type.getValues() : []).map(({ name, description }) => ({
      name: `${type.name}.${name}`,
      description,
    })),
  ]);
  expect(elements.length).toBeGreaterThan(80);
  expect(elements.filter(({ description }) => !description?.trim())).toEqual([]);
});

test('AD-2: every root field but those of any caller requires a permission, in the printed schema as well', () => {
  const built = buildSchema(printed);
  const roots = [built.getQueryType(), built.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field) => ({
      name: `${type}.${field.name}`,
      field,
    })),
  );
  const open = roots.filter(
    ({ field }) =>
      !field.astNode?.directives?.some(({ name }) => name.value === 'requiresPermission'),
  );
  expect(open.map(({ name }) => name)).toEqual(FIELDS_OF_ANY_CALLER);
});

test('AD-2: a field is guarded by the permission that its directive names: reading for queries, writing for mutations', () => {
  const guarded = types.flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields()).map((field) => ({ type, field, ...guardOf(field) }))
      : [],
  );
  const wrong = guarded.filter(({ type, scopes, directive }) => {
    const access = type.name === 'Mutation' ? 'write' : 'read';
    return directive !== undefined || Object.keys(scopes).length > 0
      ? scopes[access] !== directive || Object.keys(scopes).length !== 1
      : false;
  });
  expect(guarded.filter(({ directive }) => directive !== undefined).length).toBeGreaterThan(5);
  expect(wrong.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
});

function guardOf({ extensions }: GraphQLField<unknown, unknown>) {
  const options = extensions['pothosOptions'] as
    | { authScopes?: Record<string, string> }
    | undefined;
  const directives = (extensions['directives'] ?? []) as {
    name: string;
    args: { permission: string };
  }[];
  const directive = directives.find(({ name }) => name === 'requiresPermission')?.args.permission;
  return { scopes: options?.authScopes ?? {}, directive };
}

test('AD-1: the public schema has nothing of the administrators’ types, and its words do not name their API', () => {
  const open = buildSchema(printApi());
  const shared = new Set([
    ...['Query', 'Mutation', 'DateTime', 'EmailAddress', 'Error', 'Node', 'InputIssue'],
    ...['InvalidInputError', 'NotAuthenticatedError', 'StepUpRequiredError', 'RateLimitedError'],
    ...[
      'NotFoundError',
      'LastCredentialError',
      'PageInfo',
      'URL',
      'JSONObject',
      'Locale',
      'SecurityEventType',
    ],
    ...['Identity', 'Passkey', 'MfaStatus', 'Session', 'SessionConnection', 'SessionEdge'],
    ...['Cancel', 'EmailTakenError'],
  ]);
  const leaked = types.filter(({ name }) => !shared.has(name) && open.getType(name) !== undefined);
  expect(leaked.map(({ name }) => name)).toEqual([]);
  for (const kind of ['Query', 'Mutation']) {
    const ours = Object.keys(fieldsByName(schema.getType(kind)));
    const theirs = Object.keys(fieldsByName(open.getType(kind)));
    expect(ours.filter((name) => theirs.includes(name))).toEqual([]);
  }
  expect(printApi()).not.toMatch(/AdminPermission|AdminToken|requiresPermission|lka_/);
});

function fieldsByName(type: GraphQLNamedType | undefined) {
  return isObjectType(type) ? type.getFields() : {};
}

test('AD-4, SE-8: no field and no input of the schema holds a secret, but for a machine’s token at its creation', () => {
  const secret = /password|secret|hash|code|token|otp|refresh|cookie|key$/i;
  const found = types
    .flatMap((type) => fieldsOf(type).map(({ name }) => `${type.name}.${name}`))
    .filter((name) => secret.test(name.replace(/^\w+\./, '')));
  expect(found.sort()).toEqual(EXEMPT);
});

/** Each holds no secret, or is exempt. */
const EXEMPT: readonly string[] = [
  'AdminTokenCreated.adminToken',
  // Exempt: shown once.
  'AdminTokenCreated.token',
  'AdminTokenRevoked.adminToken',
  'AdminUser.hasPassword',
  'HandoverIssued.handoverToken',
  'MfaStatus.backupCodesRemaining',
  'MfaStatus.passkey',
  'MfaStatus.totp',
  'Mutation.createAdminToken',
  'Mutation.removeUserPasskey',
  'Mutation.revokeAdminToken',
  'Mutation.sendPasswordReset',
  'Query.adminTokens',
  'RevokeAdminTokenInput.adminTokenId',
  'StatisticsPoint.passwordResets',
  'StatisticsTotals.withPasskey',
];

test('every mutation takes one input, and its union has every refusal that any caller can meet', () => {
  const refusals = [
    ...['ForbiddenError', 'InvalidInputError', 'NotAuthenticatedError'],
    ...['RateLimitedError', 'StepUpRequiredError'],
  ];
  for (const field of mutations) {
    const union = getNamedType(field.type);
    const own = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Result`;
    expect(union.name).toBe(own);
    const members = isUnionType(union) ? union.getTypes().map(({ name }) => name) : [];
    expect(members, own).toEqual(expect.arrayContaining(refusals));
    expect(field.args.map(({ name }) => name)).toEqual(['input']);
    expect(field.extensions['limits'], field.name).toContain('administration');
  }
});
