import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const SECRET_KEYS = randomBytes(32).toString('base64');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Which of OpenTelemetry's packages a whole server loads, by the environment it is given. */
function loadedWith(env: Readonly<Record<string, string>>): readonly string[] {
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
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      SECRET_KEYS,
      ...env,
    },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('without its variables, or switched off, nothing of OpenTelemetry is loaded', () => {
  expect(loadedWith({})).toEqual([]);
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
  expect(loadedWith({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  // The control: with them it is.
  expect(loadedWith(endpoint)).toContain('@opentelemetry/sdk-trace');
}, 60_000);
