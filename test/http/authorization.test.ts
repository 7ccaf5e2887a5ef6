import { expect } from 'vitest';
import { PUBLIC_FIELDS } from '../../src/graphql-engine/schema.ts';
import { operations } from '../graphql-engine/schema-inputs.ts';
import { testWithServer } from '../support/fixture.ts';

const test = testWithServer();

const guarded = operations().filter(({ name }) => !PUBLIC_FIELDS.includes(`Mutation.${name}`));

test.for(guarded)(
  'GQ-11: $name does nothing without a valid access token',
  async ({ name, document, inputs }, { server }) => {
    for (const input of inputs.length > 0 ? inputs : [undefined]) {
      for (const token of [undefined, 'x', 'e30.e30.e30']) {
        const { status, data } = await server.graphql(document, { input }, { token });
        expect(status).toBe(200);
        expect(data[name].__typename).toBe('NotAuthenticatedError');
      }
    }
  },
);
