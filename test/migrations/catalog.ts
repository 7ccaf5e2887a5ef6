import { sql } from 'drizzle-orm';
import type { Executor } from '../../src/db/executor.ts';
import { queryDatabase } from '../support/query-database.ts';

/** What the catalog says of the schema public, one line a thing, without oids and order. */
export async function readCatalog(db: Executor): Promise<readonly string[]> {
  const rows = await queryDatabase<{ line: string }>(
    db,
    sql`
    select format('%s %s %s', c.relkind, c.relname, c.reloptions) as line
      from pg_class c where c.relnamespace = 'public'::regnamespace
    union all
    select format('column %s.%s %s %s %s %s%s %s', c.relname, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
        a.attidentity, a.attgenerated, a.attcollation)
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
        and a.attnum > 0 and not a.attisdropped
    union all
    select format('index %s', pg_get_indexdef(i.indexrelid))
      from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace
    union all
    select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select format('trigger %s', pg_get_triggerdef(t.oid))
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
    union all
    select format('routine %s', pg_get_functiondef(oid))
      from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
    union all
    select format('view %s', definition) from pg_views where schemaname = 'public'
    union all
    select format('type %s %s', t.typname, string_agg(e.enumlabel, ',' order by e.enumsortorder))
      from pg_type t left join pg_enum e on e.enumtypid = t.oid
      where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')
      group by t.typname
    union all
    select format('extension %s', extname) from pg_extension
    order by line`,
  );
  return rows.map((row) => row.line);
}
