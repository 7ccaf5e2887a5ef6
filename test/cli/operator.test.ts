import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { operatorOf } from '../../src/cli/operator.ts';
import { loadConfig } from '../../src/config.ts';
import { PRODUCTION } from '../config/environments.ts';

const whoRuns = (env: Readonly<Record<string, string>>) =>
  operatorOf({ environment: () => env, config: () => loadConfig({ ...PRODUCTION, ...env }) });

test.each([
  [{ LATCHKEY_ACTOR: 'Ada Lovelace', SUDO_USER: 'grace', USER: 'root' }, 'Ada Lovelace'],
  [{ SUDO_USER: 'grace', USER: 'root' }, 'grace'],
  [{ USER: 'root' }, 'root'],
  [{}, userInfo().username],
])('O-19: %j is run by %s', (env, name) => {
  expect(whoRuns(env)).toBe(name);
});

test.each(['', ' ', 'x'.repeat(65), 'a\nb', 'a\u0000b', 'root\u200b', '\u202eada', '\u3164'])(
  'O-19: %j from the system is not used as the operator’s name',
  (name) => {
    expect(whoRuns({ SUDO_USER: name, USER: 'grace' })).toBe('grace');
  },
);

test.each(['x'.repeat(65), 'a\u0007b', 'root\u200b'])(
  'O-19: LATCHKEY_ACTOR of %j is refused, and not repeated',
  (name) => {
    expect(() => whoRuns({ LATCHKEY_ACTOR: name })).toThrow(
      'LATCHKEY_ACTOR must be 1 to 64 printable characters',
    );
  },
);
