-- What the server's own database role may do (DR-3, LO-4). Run it as the owner of the tables, after
-- `latchkey migrate up` and after every later one:
--
--   create role latchkey_server login password '…';
--   psql "$OWNER_URL" -v role=latchkey_server -f docs/operating/database-role.sql
--
-- Then give the server DATABASE_URL with that role and MIGRATE_ON_START=false, and keep the owner's
-- for `latchkey migrate`. The role owns nothing and cannot change a table.

grant usage on schema public to :"role";
grant select, insert, update, delete on all tables in schema public to :"role";

-- The audit log is append-only: what happened cannot be rewritten or removed. Only whoever is gone is
-- taken out of it, by a function that looks whether they are.
revoke update, delete on audit_events from :"role";
grant execute on function anonymise_events(uuid, uuid) to :"role";

-- Which migrations were applied is the owner's to say.
revoke insert, update, delete on latchkey_migrations from :"role";
