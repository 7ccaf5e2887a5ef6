import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationsOf, type SdlOperation } from '../../../scripts/sdl/operations.ts';
import { askForReset } from '../../journeys/account-care.ts';
import { signUp } from '../../support/journeys.ts';
import { publicSchema } from '../../support/schema.ts';
import { PREPARATIONS } from './preparations/all.ts';
import { createStage, type Stage } from './stage.ts';

/** The operations that @latchkey/client exports, one for each root field and each object below one. */
const operations = operationsOf(publicSchema());
const named = (kind: SdlOperation['kind']) =>
  operations.filter((one) => one.kind === kind).map((one) => [one.name, one] as const);
const mutations = named('mutation');

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

test('each preparation belongs to a mutation of the schema', () => {
  const names = mutations.map(([name]) => name);
  expect(Object.keys(PREPARATIONS).filter((name) => !names.includes(name))).toEqual([]);
});

test.each(named('query'))('the query %s is answered for a signed-in person', async (name, one) => {
  const { accessToken, email } = await signUp(stage.server);
  const variables =
    name === 'mailedToken' ? { token: (await askForReset(stage.server, email)).token } : {};
  const { data, errors } = await stage.server.graphql(one.document, variables, {
    token: accessToken,
  });
  expect(errors).toEqual([]);
  expect(Object.values(data)).not.toContain(null);
});

describe.each(mutations)('the mutation %s', (name, { document }) => {
  test('reaches its successful outcome', async () => {
    const prepare = PREPARATIONS[name];
    if (!prepare) {
      expect.fail(
        `Nothing prepares ${name}: add it to a file of test/client/operations/preparations.`,
      );
    }
    const { variables, token, outcome } = await prepare(stage);
    const { data, errors } = await stage.server.graphql(document, variables, { token });
    expect(errors).toEqual([]);
    expect(data[name].__typename).toBe(outcome);
  });
});
