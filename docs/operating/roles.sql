-- Makes the two roles of docs/operating.md and gives the database to the first. Run it with psql as a
-- superuser, in the database; the passwords stand in files. It may be repeated: roles that exist get the
-- passwords of now.

\set ON_ERROR_STOP on
\set owner_password `cat /run/secrets/owner_password`
\set server_password `cat /run/secrets/server_password`

select format('create role %I login', wanted.name)
  from (values ('latchkey_owner'), ('latchkey_server')) as wanted (name)
  where not exists (select from pg_roles where rolname = wanted.name)
\gexec

alter role latchkey_owner password :'owner_password';
alter role latchkey_server password :'server_password';
select format('alter database %I owner to latchkey_owner', current_database())
\gexec
