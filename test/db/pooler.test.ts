import { expect, test } from 'vitest';
import { followsStatements } from '../../src/db/pooler.ts';

test.each([
  ['postgres://user@h:6432/db', false],
  ['postgres://user@h:6432/db?prepare=false', false],
  ['postgres://prepare=true@h:6432/db', false],
  ['postgres://user@h:6432/db?prepare=true', true],
  ['postgres://user@h:6432/db?sslmode=require&prepare=true', true],
  ['postgres://user@h:6432/db?prepare=trueish', false],
])(
  'F-25: prepared statements behind a pooler only where it is said to follow them: %s',
  (url, follows) => {
    expect(followsStatements(url)).toBe(follows);
  },
);
