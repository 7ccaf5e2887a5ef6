import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { launch } from './server-process.ts';
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

test.each([
  ['thrown', `${THROWN} ${LATE}`],
  ['rejected', `${REJECTED} ${LATE}`],
  ['of both kinds at once', `${REJECTED} ${THROWN}`],
])(
  'LO-7: errors that nobody caught, %s, are logged once, and the process drains and ends with 1',
  async (_, errors) => {
    const env = await productionEnv({ databaseUrl: database.url, smtpUrl: 'smtp://127.0.0.1:9' });
    const server = launch({
      env: { ...env, SECRET_KEYS },
      command: ['--import', faulty(errors), 'src/main.ts'],
    });
    await server.listening();
    server.kill('SIGUSR2');
    expect(await server.ended).toBe(1);
    const lines = server.output().trim().split('\n');
    expect(lines.every((line) => line.startsWith('{'))).toBe(true);
    const messages = server.log().map(({ msg }) => msg);
    expect(messages.filter((msg) => msg === 'an error nobody caught; stopping')).toHaveLength(1);
    expect(messages.at(-1)).toBe('stopped');
  },
);
