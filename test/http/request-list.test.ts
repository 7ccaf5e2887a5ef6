import { expect, test } from 'vitest';
import { createEngine } from '../../src/graphql-engine/engine.ts';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { createGraphqlSteps } from '../../src/http/graphql-route.ts';
import { BODY_CHECKS } from '../../src/http/http-server.ts';
import { HEAD_CHECKS } from '../../src/http/request-head.ts';
import { createRequestList } from '../../src/http/routes.ts';
import { startTestServer } from '../support/server.ts';

/** Prints the request as one list, in the order in which the server runs it. */
async function printRequest(): Promise<string> {
  const server = await startTestServer();
  const { deps } = server.app;
  await server.close();
  const engine = createEngine({ schema: createSchema(), trusted: null, config: deps.config });
  const { before, routes, after } = createRequestList(deps, {
    graphql: createGraphqlSteps(deps.config, engine),
    isReady: () => true,
    observer: { observe: () => undefined },
    pages: {},
  });
  const section = (title: string, lines: readonly string[]) => [
    title,
    ...lines.map((line) => `  ${line}`),
  ];
  const names = (steps: readonly (readonly [string, unknown])[]) => steps.map(([name]) => name);
  return [
    ...section(
      'head',
      HEAD_CHECKS.map(([status, name]) => `${status} ${name}`),
    ),
    ...section(
      'body, if the route takes one',
      Object.entries(BODY_CHECKS).map(([name, status]) => `${status} ${name}`),
    ),
    ...section('before every route', names(before)),
    ...Object.entries(routes).flatMap(([path, { steps }]) => section(path, names(steps))),
    ...section('after every answer', names(after)),
  ].join('\n');
}

test('the request list has every path and every check in order', async () => {
  expect(await printRequest()).toMatchInlineSnapshot(`
    "head
      400 HTTP/1.1 without Host
      400 malformed Host
      400 HTTP/1.0 with Transfer-Encoding
      501 Transfer-Encoding other than chunked
      405 unknown method
      400 malformed target, or one of another host
      421 development: Host is not this machine
    body, if the route takes one
      413 too large by its Content-Length
      413 too large
      503 no memory
    before every route
      404 for a path without a route
      204 for a preflight
    /graphql
      compare X-Forwarded-For with TRUSTED_PROXY_HOPS
      405 unless POST, or GET if introspection or GraphiQL is on
      405 for a query string that a page of another origin sent
      415 for a POST that is not plain JSON
      GraphiQL page, if it is on and a browser opens it
      406, or the operation by the direct path or Yoga
    /health/live
      405 unless GET or HEAD
      live
    /health/ready
      405 unless GET or HEAD
      ready, or 503
    /.well-known/jwks.json
      405 unless GET or HEAD
      public keys
    /.well-known/openid-configuration
      405 unless GET or HEAD
      discovery document
    /.well-known/webauthn
      405 unless GET or HEAD
      related origins of passkeys
    after every answer
      log line, metrics and trace
      security headers
      CORS headers
      request id
      token cookies"
  `);
});
