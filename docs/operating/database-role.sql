-- What the server's own database role may do (DR-3, LO-4). Run it as the owner of the tables, with the
-- owner's search_path, after `latchkey migrate up` and after every later one:
--
--   create role latchkey_server login password '…';
--   psql "$OWNER_URL" -v role=latchkey_server -f docs/operating/database-role.sql
--
-- Then give the server DATABASE_URL with that role and MIGRATE_ON_START=false, and keep the owner's
-- for `latchkey migrate`. The role owns nothing and cannot change a table.

select set_config('latchkey.role', :'role', false);

do $$
declare
  server_role constant text := current_setting('latchkey.role');
  own_schema constant text := current_schema();
  target record;
begin
  -- An owner, a member of one and a superuser could rewrite the audit log whatever is granted here, and an owner
  -- would lose what `latchkey purge` needs.
  if exists (
    select from pg_class where oid = 'audit_events'::regclass and pg_has_role(server_role, relowner, 'usage')
  ) then
    raise exception 'the role % has the power of the owner of the tables: the server needs a role of its own', server_role;
  end if;

  execute format('grant usage on schema %I to %I', own_schema, server_role);

  -- Each table of now, and those that the owner makes later: a migration leaves no server without its grants.
  -- Not the partitions of the audit log. Whoever may delete from a partition deletes from the log, so
  -- `grant … on all tables in schema` must never be run for this role.
  for target in
    select relname as name, relispartition as is_partition from pg_class
    where relnamespace = own_schema::regnamespace and relkind in ('r', 'p')
  loop
    execute format('revoke all on %I.%I from %I', own_schema, target.name, server_role);
    if not target.is_partition then
      execute format(
        'grant select, insert, update, delete on %I.%I to %I', own_schema, target.name, server_role);
    end if;
  end loop;
  execute format(
    'alter default privileges in schema %I grant select, insert, update, delete on tables to %I',
    own_schema, server_role);

  -- The audit log is append-only: what happened cannot be rewritten or removed. What only its owner may do is
  -- done by functions: take somebody out of it who is gone, and make its next months, which revoke from
  -- themselves what default privileges give.
  execute format('revoke update, delete on audit_events from %I', server_role);
  execute format(
    'grant execute on function anonymise_events(uuid, uuid, integer), make_audit_partitions(), stray_audit_events() to %I',
    server_role);
  execute format('grant execute on function assert_in_transaction(boolean, text) to %I', server_role);

  -- Which migrations were applied is the owner's to say.
  execute format('revoke insert, update, delete on latchkey_migrations from %I', server_role);
end $$;

-- What the server sets at each log-in, for a pooler in transaction mode, which does not pass it on. The
-- server looks at its start whether the role has these settings.
do $$
declare
  server_role constant text := current_setting('latchkey.role');
  setting text;
begin
  foreach setting in array array[
    'bytea_output = ''hex''',
    'client_encoding = ''UTF8''',
    'DateStyle = ''ISO, MDY''',
    'default_transaction_deferrable = off',
    'default_transaction_isolation = ''read committed''',
    'extra_float_digits = 1',
    'idle_in_transaction_session_timeout = ''3s''',
    'IntervalStyle = ''postgres''',
    'lock_timeout = ''2s''',
    'standard_conforming_strings = on',
    'statement_timeout = ''2300ms''',
    'TimeZone = ''UTC''',
    'transform_null_equals = off'
  ] loop
    execute format(
      'alter role %I in database %I set %s', server_role, current_database(), setting);
  end loop;
  execute format(
    'alter role %I in database %I set search_path = %I',
    server_role, current_database(), current_schema());
exception
  -- Whoever made the role may set this, or a superuser. Without a pooler nobody has to.
  when insufficient_privilege then
    raise notice 'the settings of % were left as they are: only needed behind a pooler', server_role;
end $$;
