import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createCors } from '../../src/http/origins.ts';
import { DEVELOPMENT, PRODUCTION } from '../config/environments.ts';
import { collectingLog, type LoggedLine } from '../support/server.ts';

const HOST = 'localhost:4000';
const ALLOWED = 'access-control-allow-origin';

/** The CORS rules of a server, called as its handler calls them. */
function corsOf(env: Readonly<Record<string, string>>) {
  const logged: LoggedLine[] = [];
  const cors = createCors(loadConfig(env), collectingLog(logged));
  const headers = (origin: string, path = '/graphql') =>
    cors.headers(path, { headers: new Headers({ origin, host: HOST }) });
  const asked = (origin: string) => cors.preflight('/graphql', origin, ['POST']).headers;
  return { logged, headers, asked };
}

const LOCAL = [
  'http://localhost:5173',
  'http://localhost',
  'https://localhost:8443',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
] as const;

const NOT_LOCAL = [
  'null',
  'http://localhost.evil.example:5173',
  'http://evil.example',
  'http://evil.example#http://localhost:5173',
  'http://localhost:5173@evil.example',
  'http://evil-localhost:5173',
  'http://127.0.0.1.evil.example',
  'http://192.168.1.20:5173',
  'http://0.0.0.0:5173',
  'HTTP://LOCALHOST:5173',
  'http://localhost:5173/',
  'http://localhost:5173, http://evil.example',
  'file://localhost',
] as const;

describe('HT-1: pages of this machine, in development', () => {
  const { headers, asked } = corsOf(DEVELOPMENT);

  test.each(LOCAL)('%s may use the API, without cookies', (origin) => {
    expect(headers(origin)[ALLOWED]).toBe(origin);
    expect(headers(origin)).not.toHaveProperty('access-control-allow-credentials');
    expect(asked(origin)).toHaveProperty('access-control-allow-methods');
  });

  test.each(LOCAL)('%s may not read the mailbox', (origin) => {
    for (const path of ['/dev/mailbox.json', '/dev/mailbox', '/'])
      expect(headers(origin, path)).toEqual({ vary: 'Origin' });
  });

  test.each(NOT_LOCAL)('a foreign origin may read nothing: %s', (origin) => {
    expect(headers(origin)).toEqual({ vary: 'Origin' });
    expect(asked(origin)).toEqual({});
  });

  test.each(LOCAL)('HT-2: in cookie mode %s must be listed', (origin) => {
    const cookie = corsOf({ ...DEVELOPMENT, REFRESH_COOKIE: 'true' });
    expect(cookie.headers(origin)).toEqual({ vary: 'Origin' });
    expect(cookie.asked(origin)).toEqual({});
  });

  test.each([...LOCAL, ...NOT_LOCAL])('in production %s is denied and not logged', (origin) => {
    const production = corsOf(PRODUCTION);
    expect(production.headers(origin)).toEqual({ vary: 'Origin' });
    expect(production.asked(origin)).toEqual({});
    expect(production.logged).toEqual([]);
  });
});

describe('a denied origin, in development', () => {
  test('is logged once, with the setting that would allow it beside the listed origins', () => {
    const { headers, logged } = corsOf({ ...DEVELOPMENT, CORS_ORIGINS: 'https://a.example' });
    for (let time = 0; time < 3; time += 1) headers('https://app.example.com');
    expect(logged).toEqual([
      {
        level: 'warn',
        message: 'cross-origin page refused',
        origin: 'https://app.example.com',
        setting: 'CORS_ORIGINS=https://a.example,https://app.example.com',
      },
    ]);
    const allowed = corsOf({
      ...DEVELOPMENT,
      CORS_ORIGINS: 'https://a.example,https://app.example.com',
    });
    expect(allowed.headers('https://app.example.com')[ALLOWED]).toBe('https://app.example.com');
  });

  test('in cookie mode a page of this machine is logged as well', () => {
    const { headers, logged } = corsOf({ ...DEVELOPMENT, REFRESH_COOKIE: 'true' });
    headers('http://localhost:5173');
    expect(logged).toMatchObject([{ setting: 'CORS_ORIGINS=http://localhost:5173' }]);
  });

  test('the server’s own pages, origins that no setting can allow, and the 21st origin are not logged', () => {
    const { headers, logged } = corsOf(DEVELOPMENT);
    const own = [`http://${HOST}`, 'http://localhost:4000'];
    for (const origin of [...own, 'null', 'nonsense\n', 'http://evil.example/'.repeat(100)]) {
      headers(origin.trim());
    }
    expect(logged).toEqual([]);
    for (let n = 0; n < 100; n += 1) headers(`https://${n}.example`);
    expect(logged).toHaveLength(20);
  });
});
