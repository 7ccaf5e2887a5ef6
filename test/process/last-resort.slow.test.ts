import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { launchBundle } from './server-process.ts';
import { productionEnv } from './spawn.ts';

vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** One deployment: the first start made the signing keys. */
const SECRET_KEYS = randomBytes(32).toString('base64');

/** Loaded before the server: on a signal, errors that nobody catches, one of them while it drains. */
const faulty = (errors: string) =>
  `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${errors} })`)}`;

const THROWN = "setTimeout(() => { throw new Error('thrown by nobody') });";
const REJECTED = "Promise.reject(new Error('rejected for nobody'));";
const LATE = "setTimeout(() => { throw new Error('one more') }, 500);";

/** A server that drains as in production, with these errors behind SIGUSR2. */
async function launchFaulty(errors: string) {
  const env = await productionEnv({ databaseUrl: database.url, smtpUrl: 'smtp://127.0.0.1:9' });
  const server = await launchBundle({ ...env, SECRET_KEYS }, '--import', faulty(errors));
  await server.listening();
  return server;
}

test.each([
  ['thrown', `${THROWN} ${LATE}`],
  ['rejected', `${REJECTED} ${LATE}`],
  ['of both kinds at once', `${REJECTED} ${THROWN}`],
])(
  'LO-7: errors that nobody caught, %s, are logged once, and the process drains and ends with 1',
  async (_, errors) => {
    const server = await launchFaulty(errors);
    server.kill('SIGUSR2');
    expect(await server.ended).toBe(1);
    const lines = server.output().trim().split('\n');
    expect(lines.every((line) => line.startsWith('{'))).toBe(true);
    const messages = server.log().map(({ msg }) => msg);
    expect(messages.filter((msg) => msg === 'uncaught error')).toHaveLength(1);
    expect(messages.at(-1)).toBe('stopped');
  },
);

test('LO-7: an error that nobody caught while it drains on SIGTERM still ends it with 1', async () => {
  const server = await launchFaulty(THROWN);
  const logged = (message: string) => server.log().filter(({ msg }) => msg === message).length;
  server.kill('SIGTERM');
  await until(() => logged('draining') === 1);
  server.kill('SIGUSR2');
  expect(await server.ended).toBe(1);
  expect(logged('uncaught error')).toBe(1);
  expect(server.log().at(-1)).toMatchObject({ msg: 'stopped' });
});
