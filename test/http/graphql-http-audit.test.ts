import { auditServer } from 'graphql-http';
import { expect } from 'vitest';
import { testWithListening } from '../support/fixture.ts';

const test = testWithListening();

test('GQ-1: the server passes every GraphQL over HTTP audit of graphql-http', async ({
  server,
}) => {
  const results = await auditServer({ url: `${server.url}/graphql` });
  const wrong = results.filter(({ status }) => status !== 'ok');
  process.stdout.write(`GQ-1: ${results.length - wrong.length} of ${results.length} audits ok\n`);
  expect(wrong.map(({ id, name }) => `${id} ${name}`)).toEqual([]);
  expect(results).toHaveLength(61);
});
