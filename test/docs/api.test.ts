import { readFileSync } from 'node:fs';
import { getOperationAST, getVariableValues, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiDocument } from '../../scripts/sdl/document.ts';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { askForReset } from '../journeys/account-care.ts';
import { signUp } from '../support/journeys.ts';
import { PREPARATIONS } from './preparations/all.ts';
import { createStage, type Stage } from './stage.ts';

/** An operation as docs/api.md shows it. */
type Example = { readonly name: string; readonly query: string; readonly variables: object };

const text = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const schema = createSchema();

function examplesBelow(heading: string): readonly Example[] {
  const part = text.split(/^## /m).find((one) => one.startsWith(heading)) ?? '';
  return part
    .split(/^### /m)
    .slice(1)
    .map((section) => ({
      name: section.split('\n', 1)[0] ?? '',
      query: /```graphql\n([\s\S]*?)```/.exec(section)?.[1] ?? '',
      variables: JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '{}'),
    }));
}
const queries = examplesBelow('Queries');
const mutations = examplesBelow('Mutations');
const named = (examples: readonly Example[]) => examples.map((one) => [one.name, one] as const);

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

test('docs/api.md is what the schema says; otherwise run `npm run api-doc`', () => {
  expect(text).toBe(apiDocument(schema));
});

test('each root field has its example', () => {
  const fields = (type: { getFields(): object } | null | undefined) =>
    Object.keys(type?.getFields() ?? {}).sort();
  expect(mutations.map(({ name }) => name).sort()).toEqual(fields(schema.getMutationType()));
  for (const field of fields(schema.getQueryType())) {
    expect(queries.map(({ name }) => name)).toContain(field);
  }
});

test('each preparation is for a mutation there is', () => {
  const names = mutations.map(({ name }) => name);
  expect(Object.keys(PREPARATIONS).filter((name) => !names.includes(name))).toEqual([]);
});

describe.each(named([...queries, ...mutations]))('the example of %s', (_name, example) => {
  test('shows variables of the right types', () => {
    const definitions = getOperationAST(parse(example.query))?.variableDefinitions ?? [];
    const { errors } = getVariableValues(schema, definitions, { ...example.variables });
    expect(errors ?? []).toEqual([]);
  });
});

describe.each(named(queries))('the example of %s', (name, { query, variables }) => {
  test('is answered, signed in', async () => {
    const { accessToken, email } = await signUp(stage.server);
    const mailed = 'token' in variables ? await askForReset(stage.server, email) : null;
    const filled = { ...variables, ...(mailed && { token: mailed.token }) };
    const { data, errors } = await stage.server.graphql(query, filled, { token: accessToken });
    expect(errors).toEqual([]);
    expect(Object.values(data)).not.toContain(null);
    expect(name).toBeTruthy();
  });
});

describe.each(named(mutations))('the example of %s', (name, { query }) => {
  test('comes to its good outcome', async () => {
    const prepare = PREPARATIONS[name];
    if (!prepare) {
      expect.fail(
        `docs/api.md shows ${name}, but nobody says how it is got to: add it below test/docs/preparations/.`,
      );
    }
    const { variables, token, outcome } = await prepare(stage);
    const { data, errors } = await stage.server.graphql(query, variables, { token });
    expect(errors).toEqual([]);
    expect(data[name].__typename).toBe(outcome);
  });
});
