import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ListeningServer, startListening } from '../support/listening.ts';

/**
 * The thirteen checks of graphql-cop, sent over a socket in the tool's own form to a server with production
 * settings. The name of each check is what the tool reports as a vulnerability.
 */
let server: ListeningServer;
beforeAll(async () => {
  server = await startListening({ env: { INTROSPECTION: 'false', GRAPHIQL: 'false' } });
});
afterAll(() => server.close());

type Json = {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly { readonly message: string; readonly extensions?: object }[];
};

async function read(response: Response): Promise<Json> {
  const text = await response.text();
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
}

const url = (query = '') =>
  `${server.url}/graphql${query && `?query=${encodeURIComponent(query)}`}`;
const send = async (body: unknown) =>
  read(
    await fetch(url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
const ask = (query: string) => send({ query });
const has = ({ data }: Json, name: string) => data?.[name] !== undefined && data[name] !== null;

const CHECKS: readonly (readonly [string, () => Promise<boolean>])[] = [
  [
    '101 aliases are executed',
    async () =>
      has(
        await ask(`{ ${Array.from({ length: 101 }, (_, n) => `a${n}: __typename`).join(' ')} }`),
        'a100',
      ),
  ],
  [
    'a batch of 11 is executed',
    async () => {
      const answer = await send(Array.from({ length: 11 }, () => ({ query: '{ __typename }' })));
      return Array.isArray(answer) && answer.length >= 10;
    },
  ],
  [
    'ten directives make ten errors',
    async () => (await ask(`query { __typename ${'@aa'.repeat(10)} }`)).errors?.length === 10,
  ],
  [
    'a circular introspection is executed',
    async () =>
      has(
        await ask(
          '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
        ),
        '__schema',
      ),
  ],
  [
    '500 copies of a field are executed',
    async () => has(await ask(`{ ${'__typename \n'.repeat(500)} }`), '__typename'),
  ],
  [
    'fields are suggested',
    async () =>
      JSON.stringify(await ask('{ __schema { directive } }')).includes('Did you mean') ||
      JSON.stringify(await ask('{ viewr { user { id } } }')).includes('Did you mean'),
  ],
  [
    'there is a page of an IDE',
    async () => {
      const paths = ['/graphiql', '/playground', '/console', '/graphql'];
      const pages = paths.map(async (path) =>
        (await fetch(server.url + path, { headers: { accept: 'text/html' } })).text(),
      );
      return /graphiql|playground/i.test((await Promise.all(pages)).join());
    },
  ],
  [
    'introspection is executed',
    async () => has(await ask('{ __schema { types { name fields { name } } } }'), '__schema'),
  ],
  [
    'traces are in the answer',
    async () => /tracing|stacktrace|exception/i.test(JSON.stringify(await ask('{ __typename }'))),
  ],
  [
    'GET carries queries',
    async () => has(await read(await fetch(url('{__typename}'))), '__typename'),
  ],
  [
    'GET carries mutations',
    async () => has(await read(await fetch(url('mutation {__typename}'))), '__typename'),
  ],
  [
    'a form carries queries',
    async () => {
      const body = new URLSearchParams({ query: 'query {__typename}' });
      const inTarget = await fetch(url('{__typename}'), { method: 'POST', body });
      return has(await read(inTarget), '__typename');
    },
  ],
  [
    'errors are not handled',
    async () => {
      const { errors = [] } = await ask('qwerty cop { abc }');
      return errors.length === 0 || 'exception' in (errors[0]?.extensions ?? {});
    },
  ],
];

test.each(CHECKS)('GQ-5 to GQ-10: the server is not vulnerable: %s', async (_, isVulnerable) => {
  expect(await isVulnerable()).toBe(false);
});

test('the list has all thirteen checks', () => {
  expect(CHECKS).toHaveLength(13);
});

test('GQ-6: ten unknown directives make one error with ten locations', async () => {
  const response = await fetch(url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `query { __typename ${'@aa'.repeat(10)} }` }),
  });
  const { errors } = await response.json();
  expect(errors).toHaveLength(1);
  expect(errors[0].message).toBe('Unknown directive "@aa".');
  expect(errors[0].locations).toHaveLength(10);
});
