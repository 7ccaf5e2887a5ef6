import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readEnvironment, scrubEnvironment } from '../../src/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-env-'));
const path = join(directory, '.env');
const excludesEnv = process.report.excludeEnv;
writeFileSync(path, '# a comment\nAPP_NAME="From a file"\nMAIL_FROM=a@example.com\n');

beforeEach(() => {
  vi.stubEnv('APP_NAME', undefined);
  vi.stubEnv('MAIL_FROM', 'b@example.com');
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.report.excludeEnv = excludesEnv;
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each(['', 'development'])('development ("%s") reads .env, and a set variable wins', (mode) => {
  vi.stubEnv('NODE_ENV', mode);
  expect(readEnvironment(path)).toMatchObject({
    APP_NAME: 'From a file',
    MAIL_FROM: 'b@example.com',
  });
});

test.each(['production', 'test', 'prodution'])('%s reads no .env', (mode) => {
  vi.stubEnv('NODE_ENV', mode);
  expect(readEnvironment(path)).not.toHaveProperty('APP_NAME');
});

test('no .env is fine, an unreadable one is not', () => {
  vi.stubEnv('NODE_ENV', 'development');
  expect(readEnvironment(join(directory, 'none'))).toHaveProperty('MAIL_FROM', 'b@example.com');
  expect(() => readEnvironment(directory)).toThrow(/cannot be read \(EISDIR\)/);
});

test('CF-2: after scrubbing, neither the environment nor a report holds a secret', () => {
  vi.stubEnv('SECRET_KEYS', 'cAnArY7351');
  vi.stubEnv('DATABASE_URL_FILE', '/run/cAnArY7351');
  expect(JSON.stringify(process.report.getReport())).toContain('cAnArY7351');
  scrubEnvironment();
  expect(JSON.stringify(process.env)).not.toContain('cAnArY7351');
  expect(process.report.getReport()).not.toHaveProperty('environmentVariables');
  expect(process.env).toHaveProperty('MAIL_FROM', 'b@example.com');
});
