import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('CONTRIBUTING.md lists every room of src, and no other', () => {
  const text = readFileSync('CONTRIBUTING.md', 'utf8');
  const table = /^\| rooms \| job \|\n\|---\|---\|\n((?:\|.*\n)+)/m.exec(text)?.[1] ?? '';
  const listed = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, rooms = '']) =>
    [...rooms.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room.replace(/\/\*?$/, '')),
  );
  expect(listed.toSorted()).toEqual(readdirSync('src').toSorted());
});
