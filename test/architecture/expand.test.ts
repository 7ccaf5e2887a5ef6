import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMigrations } from '../../src/db/migrations/migrations.ts';
import { contractions } from './expand.ts';
import { ROOT } from './sources.ts';

test('F-16: a migration marked expand holds nothing that the version before would notice', async () => {
  const migrations = await readMigrations(join(ROOT, 'drizzle'));
  const marked = migrations.filter(({ compatibleFrom }) => compatibleFrom === '0000');
  for (const { name, up } of marked) expect(contractions(up), name).toEqual([]);
});

test.each([
  'create table t (id uuid primary key, n integer not null check (n > 0))',
  '-- latchkey: expand\ncreate table t (id uuid)',
  'create table t (u uuid references users (id) on delete cascade)',
  'alter table users add column nickname text',
  'ALTER TABLE "users" ADD COLUMN "note" text DEFAULT \'\' NOT NULL;',
  'alter table users add column a integer, add column b boolean not null default false',
  'alter table users add column since timestamptz not null default now()',
  "comment on table users is 'people'",
  'create function f(n integer) returns void language plpgsql as $$ begin perform 1; end $$;',
])('expands: %s', (statement) => {
  expect(contractions([statement])).toEqual([]);
});

test.each([
  'drop table users',
  'alter table users drop column name',
  'alter table users rename column name to nickname',
  'alter table users rename to people',
  'alter table users alter column name type varchar(10)',
  'alter table users alter column name set not null',
  'alter table users alter column name drop default',
  'alter table users add column n integer not null',
  'alter table users add column id2 uuid not null default gen_random_uuid()',
  'alter table users add column n integer unique',
  'alter table users add column n integer references t (id)',
  'alter table users add column n integer, drop column name',
  'alter table users add constraint c check (length(name) > 3) not valid',
  'create index users_name on users (name)',
  'create unique index users_name on users (name)',
  'create unique index if not exists users_name on users (name)',
  'create table t (u uuid references users (id))',
  'create table t (id uuid); drop table users',
  "comment on table users is 'people'; drop table users",
  'update users set name = upper(name)',
  'delete from users',
  'truncate users',
  "alter type kind add value 'other'",
  'create or replace function f() returns int language sql as $$ select 1 $$',
  'create function f() returns int language sql as $$ select 1 $$; drop table users',

  'grant execute on function f() to public',
])('does not: %s', (statement) => {
  expect(contractions([statement])).toEqual([statement]);
});

test('what it makes itself it may alter as it likes', () => {
  const make = 'create table "t" ("id" uuid)';
  expect(
    contractions([
      make,
      'create unique index t_id on t (id)',
      'alter table "t" add constraint c unique (id)',
      'alter table t add constraint f foreign key (id) references public.users (id) on delete cascade',
    ]),
  ).toEqual([]);
  const call = 'create function f() returns int language sql as $$ select 1; $$';
  expect(contractions([call, 'grant execute on function f() to public'])).toEqual([]);
  const binding = 'alter table t add constraint f foreign key (id) references users (id)';
  expect(contractions([make, binding])).toEqual([binding]);
});
