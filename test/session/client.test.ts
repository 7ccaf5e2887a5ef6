import { expect, test } from 'vitest';
import { clientOf } from '../../src/session/client.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/144.0.0.0 Safari/537.36`,
    ['Chrome', 'Windows', 'Computer'],
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ['Firefox', 'Linux', 'Computer'],
  ],
  [
    `Mozilla/5.0 (Linux; Android 15) ${WEBKIT} Chrome/144.0 Mobile Safari/537.36`,
    ['Chrome', 'Android', 'Phone'],
  ],
  [
    `Mozilla/5.0 (Linux; Android 15) ${WEBKIT} Chrome/144.0 Safari/537.36`,
    ['Chrome', 'Android', 'Tablet'],
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.1 Mobile/15E Safari/604',
    ['Safari', 'iOS', 'iPhone'],
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.1 Mobile/15E Safari/604',
    ['Safari', 'iPadOS', 'iPad'],
  ],
  ['curl/8.5.0', ['curl', null, null]],
])('%s', (userAgent, [browser, os, device]) => {
  expect(clientOf(userAgent)).toEqual({ browser, os, device });
});

test('a session’s client repeats nothing of a text that a thief chose', () => {
  for (const text of ['Your account is locked, call 555-0100', '<b>MyApp</b>/1.0', '', null])
    expect(clientOf(text)).toBeNull();
  const mixed = clientOf('Call 555-0100 Windows Chrome/144.0');
  expect(mixed).toEqual({ browser: 'Chrome', os: 'Windows', device: 'Computer' });
});
