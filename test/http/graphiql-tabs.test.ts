import { coerceInputValue, Kind, parse, typeFromAST, validate, visit } from 'graphql';
import { expect, test } from 'vitest';
import { starterTabs } from '../../src/http/graphiql-tabs.ts';
import { publicSchema } from '../support/schema.ts';

const schema = publicSchema();
const tabs = starterTabs().map(({ query, variables }) => {
  const document = parse(query);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(query);
  const name = operation.name?.value ?? '';
  return { name, document, operation, variables: JSON.parse(variables ?? '{}') };
});

/** The root fields that a tab selects. */
const fieldsOf = ({ operation }: (typeof tabs)[number]) =>
  operation.selectionSet.selections.map((one) => (one.kind === Kind.FIELD ? one.name.value : ''));

test('P-14: every public mutation has a tab', () => {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
  expect(mutations.length).toBeGreaterThan(25);
  const missing = mutations.filter((field) => !tabs.some((tab) => fieldsOf(tab).includes(field)));
  expect(missing).toEqual([]);
});

test('every tab has its own name', () => {
  expect(new Set(tabs.map(({ name }) => name)).size).toBe(tabs.length);
});

test.each(tabs)('$name is valid as it is', ({ document, operation, variables }) => {
  expect(validate(schema, document)).toEqual([]);
  const defined = operation.variableDefinitions ?? [];
  expect(Object.keys(variables)).toEqual(defined.map(({ variable }) => variable.name.value));
  for (const { variable, type: node } of defined) {
    const type = typeFromAST(schema, node);
    expect(coerceInputValue(variables[variable.name.value], type as never)).toBeDefined();
  }
});

test.each(tabs)(
  'P-14: $name has the values that a person types in its variables',
  ({ document }) => {
    const texts: string[] = [];
    visit(document, { StringValue: ({ value }) => void texts.push(value) });
    expect(texts).toEqual([]);
  },
);
