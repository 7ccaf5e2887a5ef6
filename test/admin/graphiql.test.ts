import { parse, validate } from 'graphql';
import { expect } from 'vitest';
import { createAdminSchema } from '../../src/admin/schema.ts';
import { adminTabs } from '../../src/http/admin-tabs.ts';
import { testWithServer } from '../support/fixture.ts';
import { startTestServer } from '../support/server.ts';

const test = testWithServer();
const schema = createAdminSchema();

test('GraphiQL has a tab for every operation of the administrators’ API, and each is valid', () => {
  const tabs = adminTabs();
  for (const { query } of tabs) expect(validate(schema, parse(query)), query).toEqual([]);
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  const missing = fields.filter(
    (name) => !tabs.some(({ query }) => new RegExp(`[{] ?\\s*${name}\\b`).test(query)),
  );
  expect(missing).toEqual([]);
});

test('GraphiQL opens on the administrators’ listener, with tabs of its own on each path', async ({
  server,
}) => {
  const open = async (path: string) => {
    const request = new Request(`http://localhost:4001${path}`, {
      headers: { accept: 'text/html' },
    });
    const response = await server.app.admin?.fetch(request);
    expect(response?.status).toBe(200);
    return (await response?.text()) ?? '';
  };
  const page = await open('/admin/graphql');
  expect(page).toContain('createAdminToken');
  expect(page).toContain('"path":"/admin/graphql"');
  expect(await open('/graphql')).not.toContain('createAdminToken');
});

test('AD-1: pages of other origins may not use the listener, whatever CORS_ORIGINS allows', async ({
  server,
}) => {
  for (const origin of ['http://localhost:4000', 'http://localhost:5173', 'https://evil.example']) {
    const preflight = new Request('http://localhost:4001/admin/graphql', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    const response = await server.app.admin?.fetch(preflight);
    expect(response?.headers.get('access-control-allow-origin'), origin).toBeNull();
  }
});

test('AD-1: in development, pages of this machine may not use the listener either, on any path', async () => {
  const server = await startTestServer({ env: { NODE_ENV: 'development' } });
  const preflight = async (listener: typeof server.app.admin, url: string) => {
    const headers = {
      origin: 'http://localhost:5173',
      'access-control-request-method': 'POST',
    };
    const asked = new Request(url, { method: 'OPTIONS', headers });
    const answer = await listener?.fetch(asked, { remoteAddress: '127.0.0.1' });
    return answer?.headers.get('access-control-allow-origin');
  };
  for (const path of ['/graphql', '/admin/graphql'])
    expect(await preflight(server.app.admin, `http://localhost:4001${path}`), path).toBeNull();
  expect(await preflight(server.app, 'http://localhost:4000/graphql')).toBe(
    'http://localhost:5173',
  );
  await server.close();
});
