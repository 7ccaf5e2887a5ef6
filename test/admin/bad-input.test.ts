import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect } from 'vitest';
import { createAdminSchema } from '../../src/admin/schema.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import { CANARY, describeBadInput, readResult } from '../graphql-engine/hostile-input.ts';
import { adminToken } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { collectingLog } from '../support/server.ts';

let http: Server;
let token: string;
// As many as all of this sends: a refusal by the limit would hide a fault behind it.
const test = testWithServer({
  env: { RATE_LIMITS: '{"administration":{"allowance":60000,"period":"10m"}}' },
});
test.beforeAll(async ({ server }) => {
  ({ token } = await adminToken(server, ADMIN_PERMISSION_NAMES));
  const { admin, deps } = server.app;
  if (!admin) throw new Error('The administrators’ listener is off.');
  http = createHttpServer(admin, deps.config, collectingLog([]));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

describeBadInput(createAdminSchema(), async (body) => {
  const { port } = http.address() as AddressInfo;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const url = `http://127.0.0.1:${port}/admin/graphql`;
  return await readResult(await fetch(url, { method: 'POST', headers, body }));
});

test('LO-2: the log holds none of the values above', ({ server }) => {
  expect(server.logged.length).toBeGreaterThan(100);
  const log = JSON.stringify(server.logged);
  expect(log).not.toContain(CANARY);
  expect(log).not.toContain('RateLimitedError');
});
