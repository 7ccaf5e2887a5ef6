import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ListeningServer, startListening } from '../support/listening.ts';

let server: ListeningServer;
beforeAll(async () => {
  server = await startListening();
});
afterAll(() => server.close());

test('GQ-1: GraphQL over HTTP: every audit of graphql-http is ok', async () => {
  const results = await auditServer({ url: `${server.url}/graphql` });
  const wrong = results.filter(({ status }) => status !== 'ok');
  process.stdout.write(`GQ-1: ${results.length - wrong.length} of ${results.length} audits ok\n`);
  expect(wrong.map(({ id, name }) => `${id} ${name}`)).toEqual([]);
  expect(results).toHaveLength(61);
});
