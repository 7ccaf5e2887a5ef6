import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type GraphQLField,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';

import { createAdminSchema } from '../../src/admin/schema.ts';
import { printApi } from '../../src/graphql-engine/print-schema.ts';
import { createSchema, PUBLIC_FIELDS } from '../../src/graphql-engine/schema.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { LIMIT_NAMES } from '../../src/settings/limits.ts';
import { withLimitsTable } from '../../src/settings/limits-document.ts';
import { ROOT } from './sources.ts';

const schema = createSchema();
const printed = printApi();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
const roots = [
  ...queries.map((field) => ({ name: `Query.${field.name}`, field })),
  ...mutations.map((field) => ({ name: `Mutation.${field.name}`, field })),
];

test('schema.graphql is the schema as printed from the code: npm run schema', () => {
  expect(readFileSync(join(ROOT, 'schema.graphql'), 'utf8')).toBe(printed);
});

test('the schema that a server is started with is the printed one, in another order', () => {
  const served = createSchema({ sorted: false });
  expect(printSchema(served)).not.toBe(printSchema(schema));
  expect(printSchema(lexicographicSortSchema(served))).toBe(printSchema(schema));
});

test('the printed schema is whole: it builds, and ends with one newline', () => {
  expect(validateSchema(buildSchema(printed))).toEqual([]);
  expect(printed.endsWith('}\n')).toBe(true);
  expect(printed.endsWith('\n\n')).toBe(false);
  expect(printed).not.toMatch(/[ \t]$/m);
});

test('every type, field, argument, enum value, input field and directive is described', () => {
  const elements = [
    ...types.map((type) => ({ name: type.name, ...pick(type) })),
    ...types.flatMap((type) => {
      if (isObjectType(type) || isInterfaceType(type)) {
        return Object.values(type.getFields()).flatMap((field) => [
          { name: `${type.name}.${field.name}`, ...pick(field) },
          ...field.args.map((arg) => ({
            name: `${type.name}.${field.name}(${arg.name}:)`,
            ...pick(arg),
          })),
        ]);
      }
      if (isInputObjectType(type)) {
        return Object.values(type.getFields()).map((field) => ({
          name: `${type.name}.${field.name}`,
          ...pick(field),
        }));
      }
      if (!isEnumType(type)) return [];
      return type
        .getValues()
        .map((value) => ({ name: `${type.name}.${value.name}`, ...pick(value) }));
    }),
    ...schema
      .getDirectives()
      .filter((directive) => !isSpecifiedDirective(directive))
      .flatMap((directive) => [
        { name: `@${directive.name}`, ...pick(directive) },
        ...directive.args.map((arg) => ({
          name: `@${directive.name}(${arg.name}:)`,
          ...pick(arg),
        })),
      ]),
  ];
  expect(elements.length).toBeGreaterThan(100);
  const silent = elements.filter(({ description }) => !description?.trim());
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('GQ-11: every root field is guarded or in PUBLIC_FIELDS, whose names all exist', () => {
  const names = roots.map(({ name }) => name);
  expect(PUBLIC_FIELDS.filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(PUBLIC_FIELDS).size).toBe(PUBLIC_FIELDS.length);
  const open = roots.filter(({ field }) => scopesOf(field).length === 0).map(({ name }) => name);
  expect(open.sort()).toEqual([...PUBLIC_FIELDS].sort());
});

test('a mutation takes one input at most and answers with a union of its own', () => {
  const wrong = mutations.filter((field) => {
    const own = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
    const inputs = field.args.filter((arg) => arg.name === 'input');
    const fits = field.args.length === inputs.length;
    return (
      !fits || String(field.type) !== `${own}Result!` || !isUnionType(getNamedType(field.type))
    );
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('members of a union implement Error exactly when their name ends in it', () => {
  const wrong = mutations
    .flatMap((field) => membersOf(field))
    .filter((type) => {
      const implementsError = type.getInterfaces().some(({ name }) => name === 'Error');
      return implementsError !== type.name.endsWith('Error');
    });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('every mutation can say what is wrong with its input, and that it was asked too often', () => {
  expect(without(mutations, 'InvalidInputError')).toEqual([]);
  expect(without(mutations, 'RateLimitedError')).toEqual([]);
});

test('RL-14: every mutation names the limits that bound what it writes, and every limit a mutation', () => {
  const limitsOf = ({ extensions }: GraphQLField<unknown, unknown>) =>
    (extensions['limits'] ?? []) as readonly string[];
  // The limits of a query and of a route, which have no list of them.
  const ofNoMutation = ['undo-plan.account', 'oauth.form-post'];
  const known = [...new Set(Object.values(RULES).map(({ name }) => name))].filter(
    (name) => !ofNoMutation.includes(name),
  );
  const unlimited = mutations.filter((field) => limitsOf(field).length === 0);
  // Its ceremony is sealed in a token: test/journeys/passkey counts that it writes no row.
  expect(unlimited.map(({ name }) => name)).toEqual(['startPasskeyMfa', 'startPasskeySignIn']);
  const administration = Object.values(createAdminSchema().getMutationType()?.getFields() ?? {});
  const used = [...mutations, ...administration].flatMap(limitsOf);
  expect([...new Set(used)].sort()).toEqual(known.sort());
});

test('RL-13: docs/rate-limits.md has the table of every limit there is', () => {
  const document = readFileSync(join(ROOT, 'docs/rate-limits.md'), 'utf8');
  expect(withLimitsTable(document)).toBe(document);
  const used = new Set(Object.values(RULES).map(({ name }) => name));
  expect([...used].sort()).toEqual([...LIMIT_NAMES].sort());
});

test('RL-14: whoever is signed in is counted by session, account and source, but to sign out', () => {
  const names = ['changes.session', 'changes.account', 'changes.source'];
  const counted = mutations.filter(({ extensions }) =>
    names.every((name) => (extensions['limits'] as readonly string[]).includes(name)),
  );
  const guarded = mutations.filter((field) => scopesOf(field).length > 0);
  const uncounted = guarded.filter((field) => !counted.includes(field));
  // What only takes access away is counted by session and account: no neighbor keeps anybody from it.
  const withoutSource = uncounted.map(({ name }) => name).sort();
  expect(withoutSource).toEqual(['logout', 'revokeOtherSessions', 'revokeSession']);
  for (const { name, extensions } of uncounted) {
    if (name !== 'logout')
      expect(extensions['limits']).toEqual(['changes.session', 'changes.account']);
  }
});

test('every signed-in mutation can say that nobody is signed in', () => {
  const guarded = mutations.filter((field) => scopesOf(field).length > 0);
  expect(guarded.length).toBeGreaterThan(0);
  expect(without(guarded, 'NotAuthenticatedError')).toEqual([]);
});

test('SE-6: a field that requires a step-up says so with its directive, its union and in the printed schema', () => {
  const sensitive = mutations.filter((field) =>
    scopesOf(field).some((scope) => scope === 'stepUp' || scope === 'enrollStepUp'),
  );
  expect(without(sensitive, 'NotAuthenticatedError')).toEqual([]);
  expect(without(sensitive, 'StepUpRequiredError')).toEqual([]);
  const saying = mutations.filter((field) => membersOf(field).some(isNamed('StepUpRequiredError')));
  // startOAuth is open to anybody, and asks for a fresh proof where it begins to link an account.
  const unscoped = saying.filter((field) => !sensitive.includes(field));
  expect(unscoped.map(({ name }) => name)).toEqual(['startOAuth']);
  const fields = buildSchema(printed).getMutationType()?.getFields() ?? {};
  const marked = Object.values(fields).filter((field) =>
    field.astNode?.directives?.some(({ name }) => name.value === 'requiresStepUp'),
  );
  expect(marked.map(({ name }) => name)).toEqual(sensitive.map(({ name }) => name));
});

test('every mutation that is given a password can say that the hashing queue is full', () => {
  const hashing = mutations.filter((field) =>
    field.args.some((arg) => {
      const input = getNamedType(arg.type);
      return isInputObjectType(input) && Object.keys(input.getFields()).some(isPassword);
    }),
  );
  expect(hashing.length).toBeGreaterThan(0);
  expect(without(hashing, 'ServerBusyError')).toEqual([]);
});

const isPassword = (name: string) => /password$/i.test(name);
const isNamed = (wanted: string) => (type: { readonly name: string }) => type.name === wanted;

function pick({ description }: { readonly description?: string | null | undefined }) {
  return { description };
}

function membersOf(field: GraphQLField<unknown, unknown>) {
  const union = getNamedType(field.type);
  return isUnionType(union) ? union.getTypes() : [];
}

function without(fields: readonly GraphQLField<unknown, unknown>[], member: string) {
  return fields.filter((field) => !membersOf(field).some(isNamed(member))).map(({ name }) => name);
}

/** The scopes a field was built with: how Pothos remembers a field's options. */
function scopesOf(field: GraphQLField<unknown, unknown>): readonly string[] {
  const options: unknown = field.extensions['pothosOptions'];
  if (typeof options !== 'object' || options === null || !('authScopes' in options)) return [];
  return Object.keys(options.authScopes ?? {});
}
