import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const SECRET_KEYS = randomBytes(32).toString('base64');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Which of OpenTelemetry's packages a whole server loads, by the environment it is given. */
async function loadedWith(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const source = (path: string) =>
    JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier.includes('opentelemetry')) loaded.add(specifier);
        return next(specifier, context);
      },
    });
    const { loadConfig } = await import(${source('config.ts')});
    const { createApp } = await import(${source('app.ts')});
    const silent = () => undefined;
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    const app = await createApp(loadConfig(process.env), log);
    await app.fetch(new Request('http://localhost:4000/health/ready'));
    await app.close();
    console.log(JSON.stringify([...loaded]));`;
  const words = ['--input-type=module', '-e', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words, {
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      SECRET_KEYS,
      ...env,
    },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('nothing of OpenTelemetry is loaded without its variables, or if it is switched off', async () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
  const [without, off, on] = await Promise.all([
    loadedWith({}),
    loadedWith({ ...endpoint, OTEL_SDK_DISABLED: 'true' }),
    loadedWith(endpoint),
  ]);
  expect({ without, off }).toEqual({ without: [], off: [] });
  // The control: with them it is.
  expect(on).toContain('@opentelemetry/sdk-trace');
}, 60_000);
