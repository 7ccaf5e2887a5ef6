/** A request of which only what is odd is said. */
export type Odd = {
  readonly method?: string;
  readonly target?: string;
  /** Takes the place of the usual ones; empty leaves one out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Header lines beside them, word for word. */
  readonly lines?: readonly string[];
  readonly body?: string | Buffer;
};

export const VIEWER = '{"query":"{ viewer { user { id email } session { id } } }"}';

const REFRESH =
  'mutation R($input: RefreshTokenInput) { refreshToken(input: $input) { __typename ... on Error { message } ... on InvalidInputError { issues { path message } } } }';
const TWO = 'query A { viewer { user { id } } } query B { authSettings { passwordMinLength } }';
const json = (value: unknown) => JSON.stringify(value);

export const ODD_BODIES: readonly (readonly [string, string | Buffer])[] = [
  ['the usual', VIEWER],
  ['empty', ''],
  ['white space', '  \n'],
  ['broken JSON', '{"query":'],
  ['JSON and more', `${VIEWER} x`],
  ['a byte order mark', `\ufeff${VIEWER}`],
  ['white space around', `\r\n\t ${VIEWER} \n`],
  ['null', 'null'],
  ['a number', '1'],
  ['a string', json(VIEWER)],
  ['a batch', `[${VIEWER}]`],
  ['an empty batch', '[]'],
  ['an empty object', '{}'],
  ['query null', '{"query":null}'],
  ['query a number', '{"query":1}'],
  ['query a list', '{"query":["{ viewer { user { id } } }"]}'],
  ['an empty query', '{"query":""}'],
  ['a comment alone', '{"query":"# nothing"}'],
  ['duplicate keys, the last counts', `{"query":"{ nothing }",${VIEWER.slice(1)}`],
  ['duplicate keys, the last is wrong', `${VIEWER.slice(0, -1)},"query":"{ nothing }"}`],
  ['an unknown member', `${VIEWER.slice(0, -1)},"id":1}`],
  ['an unknown member, null', `${VIEWER.slice(0, -1)},"id":null}`],
  ['documentId', `${VIEWER.slice(0, -1)},"documentId":"x"}`],
  ['__proto__', `${VIEWER.slice(0, -1)},"__proto__":{"query":"{ a }"}}`],
  ['query in __proto__', '{"__proto__":{"query":"{ viewer { user { id } } }"}}'],
  ['constructor', `${VIEWER.slice(0, -1)},"constructor":{}}`],
  ['variables empty', `${VIEWER.slice(0, -1)},"variables":{}}`],
  ['variables null', `${VIEWER.slice(0, -1)},"variables":null}`],
  ['variables a list', `${VIEWER.slice(0, -1)},"variables":[]}`],
  ['variables a string', `${VIEWER.slice(0, -1)},"variables":"{}"}`],
  ['variables false', `${VIEWER.slice(0, -1)},"variables":false}`],
  ['variables nobody declared', `${VIEWER.slice(0, -1)},"variables":{"a":1,"__proto__":{}}}`],
  ['variables too deep', json({ query: REFRESH, variables: { input: deep(12) } })],
  ['extensions', `${VIEWER.slice(0, -1)},"extensions":{"a":1}}`],
  ['extensions null', `${VIEWER.slice(0, -1)},"extensions":null}`],
  ['extensions a list', `${VIEWER.slice(0, -1)},"extensions":[1]}`],
  [
    'a persisted hash nobody asked for',
    `${VIEWER.slice(0, -1)},"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`,
  ],
  ['a hash alone', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}'],
  ['operationName null', `${VIEWER.slice(0, -1)},"operationName":null}`],
  ['operationName empty', `${VIEWER.slice(0, -1)},"operationName":""}`],
  ['operationName a number', `${VIEWER.slice(0, -1)},"operationName":7}`],
  ['operationName an object', `${VIEWER.slice(0, -1)},"operationName":{}}`],
  ['operationName unknown', `${VIEWER.slice(0, -1)},"operationName":"Nobody"}`],
  ['operationName too long', json({ query: TWO, operationName: 'A'.repeat(65) })],
  ['two operations, the first', json({ query: TWO, operationName: 'A' })],
  ['two operations, the second', json({ query: TWO, operationName: 'B' })],
  ['two operations, none named', json({ query: TWO })],
  ['two operations, one that is not there', json({ query: TWO, operationName: 'C' })],
  ['a fragment alone', json({ query: 'fragment F on User { id }' })],
  ['a syntax error', json({ query: '{ viewer' })],
  ['no such field', json({ query: '{ nothing }' })],
  ['introspection', json({ query: '{ __schema { queryType { name } } }' })],
  ['__typename', json({ query: '{ __typename }' })],
  ['a subscription', json({ query: 'subscription { viewer { user { id } } }' })],
  ['too many aliases', json({ query: `{ ${'abcdefg'.replace(/./g, '$&: __typename ')} }` })],
  [
    '@skip',
    json({ query: 'query ($s: Boolean!) { __typename @skip(if: $s) }', variables: { s: true } }),
  ],
  [
    '@skip without its variable',
    json({ query: 'query ($s: Boolean!) { __typename @skip(if: $s) }' }),
  ],
  [
    'a guarded field',
    json({ query: 'mutation { logout { __typename ... on Error { message } } }' }),
  ],
  [
    'a token nobody issued',
    json({ query: REFRESH, variables: { input: { refreshToken: 'lkr_x' } } }),
  ],
  ['a token of no size', json({ query: REFRESH, variables: { input: { refreshToken: '' } } })],
  ['a token of a wrong type', json({ query: REFRESH, variables: { input: { refreshToken: 5 } } })],
  ['no token', json({ query: REFRESH })],
  [
    'an input field nobody knows',
    json({ query: REFRESH, variables: { input: { refreshToken: 'x', password: 'y' } } }),
  ],
  [
    'no UTF-8',
    Buffer.from([
      ...Buffer.from('{"query":"{ __typename #'),
      0xff,
      0xc3,
      0x28,
      ...Buffer.from('"}'),
    ]),
  ],
  [
    'no UTF-8 in a token',
    Buffer.concat([
      Buffer.from(`{"query":${json(REFRESH)},"variables":{"input":{"refreshToken":"`),
      Buffer.from([0xf0, 0x9f, 0x80, 0xed, 0xa0, 0x80]),
      Buffer.from('"}}}'),
    ]),
  ],
  [
    'half a surrogate',
    `{"query":${json(REFRESH)},"variables":{"input":{"refreshToken":"\\ud800"}}}`,
  ],
  ['a NUL', `{"query":"{ __typename }\\u0000"}`],
];

const accept = (value: string): Odd => ({ headers: { accept: value } });
const type = (value: string): Odd => ({ headers: { 'content-type': value } });

export const ODD_HEADERS: readonly Odd[] = [
  ...[
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json',
    'application/json, application/graphql-response+json',
    'application/graphql-response+json,application/json;q=0.9',
    'application/graphql-response+json;q=0.1,application/json',
    'application/json, text/plain, */*',
    'application/json;charset=utf-8',
    'application/json; charset=utf-16',
    'APPLICATION/JSON',
    'application/*',
    'text/html',
    'text/html,application/xhtml+xml,*/*;q=0.8',
    'text/event-stream',
    'text/event-stream, application/json',
    'multipart/mixed, application/json',
    'image/png',
    'nonsense',
    ',',
    '*/*;q=0',
  ].map(accept),
  { lines: ['accept: text/event-stream', 'accept: application/json'] },
  { lines: ['accept: application/json', 'accept: */*'] },
  ...[
    '',
    'application/json; charset=utf-8',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/json; charset=latin1',
    'application/json; a=b',
    'application/json;',
    'application/json ; charset=utf-8',
    'Application/JSON',
    'application/json, text/plain',
    'application/graphql+json',
    'application/graphql-response+json',
    'text/plain',
    'text/json',
  ].map(type),
  { lines: ['content-type: text/plain'] },
  { headers: { 'content-encoding': 'gzip' } },
  { headers: { 'content-encoding': 'identity' } },
  { headers: { 'content-encoding': 'Identity' } },
  { headers: { 'content-encoding': 'identity, gzip' } },
  { headers: { origin: 'https://app.example.com' } },
  { headers: { origin: 'https://evil.example' } },
  { headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } },
  { lines: ['origin: https://app.example.com', 'origin: https://evil.example'] },
  { headers: { authorization: 'Bearer x' } },
  { headers: { authorization: 'Bearer' } },
  { headers: { authorization: `Bearer ${'x'.repeat(99)}` } },
  { lines: ['authorization: Bearer a', 'authorization: Bearer b'] },
  { headers: { cookie: '__Host-latchkey_refresh=x', 'x-latchkey-csrf': '1' } },
  { headers: { 'user-agent': '\x80\xff curious' } },
  { headers: { 'x-forwarded-for': '1.2.3.4, 5.6.7.8' } },
  { headers: { expect: '100-continue' } },
  { headers: { te: 'trailers', trailer: 'x' } },
  { headers: { 'content-length': '0' }, body: '' },
  {
    headers: { 'transfer-encoding': 'chunked', 'content-length': '' },
    body: `${VIEWER.length.toString(16)}\r\n${VIEWER}\r\n0\r\n\r\n`,
  },
];

export const ODD_TARGETS: readonly (readonly [string, string])[] = [
  ['POST', '/graphql?'],
  ['POST', '/graphql?query={__typename}'],
  ['POST', '/graphql?operationName=A'],
  ['POST', '/graphql/'],
  ['POST', '//graphql'],
  ['POST', '/GraphQL'],
  ['POST', '/a/../graphql'],
  ['POST', '/%67raphql'],
  ['POST', '/graphql;a'],
  ['POST', '/graphql%20'],
  ['POST', '/graphql%00'],
  ['GET', '/graphql'],
  ['GET', '/graphql?query={__typename}'],
  ['GET', '/graphql?query=mutation{logout{__typename}}'],
  ['GET', '/graphql?query={viewer{user{id}}}&variables={'],
  ['PUT', '/graphql'],
  ['PATCH', '/graphql'],
  ['DELETE', '/graphql'],
  ['OPTIONS', '/graphql'],
];

function deep(levels: number): unknown {
  return levels === 0 ? 'x' : { a: deep(levels - 1) };
}
