import { expect, test } from 'vitest';
import { statementName } from '../../src/db/traced.ts';

test.each([
  ['update "sessions" set "refresh_hash" = case when $1 …', 'update sessions'],
  ['insert into "audit_events" ("id") values ($1)', 'insert audit_events'],
  ['delete from "mail_outbox" where "id" = $1', 'delete mail_outbox'],
  [
    'select "users"."id" from (select $1::text as email) as wanted left join "users" on …',
    'select users',
  ],
  [
    '\n  with "charge_0" as (\n insert into "rate_limit_counters" as c …',
    'with rate_limit_counters',
  ],
  ['begin; set local statement_timeout = 2000', 'begin'],
  ['commit', 'commit'],
  ["select 'a secret' as word", 'select'],
  ['', 'statement'],
])('%s is told as a name', (text, name) => {
  expect(statementName(text)).toBe(name);
});
