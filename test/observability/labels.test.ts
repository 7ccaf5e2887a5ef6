import { expect, test } from 'vitest';
import { statementName } from '../../src/observability/labels.ts';

test.each([
  ['update "sessions" set "refresh_hash" = case when $1 …', 'update sessions'],
  ['insert into "audit_events" ("id") values ($1)', 'insert audit_events'],
  ['delete from "mail_outbox" where "id" = $1', 'delete mail_outbox'],
  [
    'select "users"."id" from (select $1::text as email) as wanted left join "users" on …',
    'select users',
  ],
  [
    '\n  with "limit_0" as (\n insert into "rate_limit_counters" as c …',
    'with rate_limit_counters',
  ],
  ['begin; set local statement_timeout = 2000', 'begin'],
  ['commit', 'commit'],
  ["select 'a secret' as word", 'select'],
  ['', 'statement'],
])('statementName names the statement: %s', (text, name) => {
  expect(statementName(text)).toBe(name);
});
