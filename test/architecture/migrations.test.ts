import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT } from './sources.ts';

const FOLDER = join(ROOT, 'drizzle');
const ups = globSync('*.sql', { cwd: FOLDER }).filter((file) => !file.endsWith('.down.sql'));

test('every migration has its way back', () => {
  expect(ups.length).toBeGreaterThan(0);
  const oneWay = ups.filter((up) => !existsSync(join(FOLDER, up.replace(/\.sql$/, '.down.sql'))));
  expect(oneWay).toEqual([]);
});

test('the files are the ones that drizzle-kit generated', () => {
  const text = readFileSync(join(FOLDER, 'meta/_journal.json'), 'utf8');
  const journal = z.object({ entries: z.array(z.object({ tag: z.string() })) });
  const tags = journal.parse(JSON.parse(text)).entries.map(({ tag }) => `${tag}.sql`);
  expect(ups.sort()).toEqual(tags.sort());
});
