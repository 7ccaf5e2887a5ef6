import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { purgesOf } from '../../src/retention/purges.ts';
import { openTestDatabase } from '../db/support.ts';
import { queryDatabase } from '../support/query-database.ts';

const GUIDE = join(import.meta.dirname, '../../docs/operating/retention.md');

/** The rows of the guide's table. */
function statedBounds(): ReadonlyMap<string, string> {
  const rows = readFileSync(GUIDE, 'utf8').matchAll(/^\| `(\w+)` \| (.+?) \|/gm);
  return new Map([...rows].map(([, table = '', bound = '']) => [table, bound]));
}

test('every table has a documented bound, and the purged tables are those of purgesOf', async () => {
  const db = await openTestDatabase();
  const tables = await queryDatabase<{ name: string }>(
    db,
    sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const bounds = statedBounds();
  expect([...bounds.keys()].sort()).toEqual(tables.map(({ name }) => name).sort());
  const purged = [...bounds].filter(([, bound]) => bound.startsWith('purged'));
  const known = new Set(purgesOf({ auditRetention: 0 }).map(({ table }) => table));
  expect(purged.map(([table]) => table).sort()).toEqual([...known].sort());
});
