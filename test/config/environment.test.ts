import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

test.each(['', 'development'])(
  'development ("%s") reads .env, and a variable that is set wins',
  (mode) => {
    vi.stubEnv('NODE_ENV', mode);
    expect(readEnvironment(path)).toMatchObject({
      APP_NAME: 'From a file',
      MAIL_FROM: 'b@example.com',
    });
  },
);

test.each(['production', 'test', 'prodution'])('%s reads no .env', (mode) => {
  vi.stubEnv('NODE_ENV', mode);
  expect(readEnvironment(path)).not.toHaveProperty('APP_NAME');
});

test('a missing .env is accepted, an unreadable one is not', () => {
  vi.stubEnv('NODE_ENV', 'development');
  expect(readEnvironment(join(directory, 'none'))).toHaveProperty('MAIL_FROM', 'b@example.com');
  expect(() => readEnvironment(directory)).toThrow(/cannot be read \(EISDIR\)/);
});

describe('CF-13: a .env file as editors save it', () => {
  const saved = join(directory, 'saved.env');
  const lines = 'APP_NAME=Grün\r\nPORT=4001\r\n';
  beforeEach(() => {
    vi.stubEnv('NODE_ENV', 'development');
    vi.stubEnv('PORT', undefined);
  });

  test('is read with a byte order mark', () => {
    writeFileSync(saved, `\uFEFF${lines}`);
    expect(readEnvironment(saved)).toMatchObject({ APP_NAME: 'Grün', PORT: '4001' });
  });

  test.each([
    ['UTF-16', Buffer.from(`\uFEFF${lines}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(lines, 'utf16le')],
    ['UTF-16, big-endian', Buffer.from(`\uFEFF${lines}`, 'utf16le').swap16()],
    ['UTF-16 of ASCII alone', Buffer.from('PORT=4001\r\n', 'utf16le')],
  ])('in %s: refused by the name of the file', (_, bytes) => {
    writeFileSync(saved, bytes);
    expect(() => readEnvironment(saved)).toThrow(
      new RegExp(`${saved} is not UTF-8 but UTF-16 or binary: save it as UTF-8`),
    );
  });

  test('is refused in Latin-1, by the name of the file', () => {
    writeFileSync(saved, Buffer.from(lines, 'latin1'));
    expect(() => readEnvironment(saved)).toThrow(new RegExp(`${saved} is not UTF-8: save it`));
  });
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
