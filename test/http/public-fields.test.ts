import { expect, test } from 'vitest';
import { PUBLIC_FIELDS } from '../../src/graphql-engine/schema.ts';
import { publicSchema } from '../support/schema.ts';

type Guarded = { readonly pothosOptions?: { readonly authScopes?: object } };

test('GQ-11: every root field is guarded or on the list of public fields', () => {
  const schema = publicSchema();
  const open = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {})
      .filter(({ extensions }) => !(extensions as Guarded).pothosOptions?.authScopes)
      .map(({ name }) => `${type?.name}.${name}`),
  );
  expect(open.toSorted()).toEqual(PUBLIC_FIELDS.toSorted());
});

test('GQ-12: no field fetches an object by its id', () => {
  const fields = Object.keys(publicSchema().getQueryType()?.getFields() ?? {});
  expect(fields).not.toContain('node');
  expect(fields).not.toContain('nodes');
});
