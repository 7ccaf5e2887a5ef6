-- latchkey: contract after 0000_init
-- The audit log becomes a table of months in three migrations, each a transaction of its own, so that no lock
-- that keeps anybody waiting is held while rows are read. The rows of until now become one partition. Postgres
-- attaches it without reading it if a constraint has already said which keys it holds: this one, which new
-- rows obey from now on. It leaves two months for the next two migrations to run in.
DO $$
DECLARE
	upper_bound CONSTANT timestamptz := (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months') AT TIME ZONE 'UTC';
BEGIN
	EXECUTE format(
		'ALTER TABLE audit_events ADD CONSTRAINT audit_events_earlier CHECK (id < %L::uuid) NOT VALID',
		(lpad(to_hex((extract(epoch FROM upper_bound) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
	);
END $$;
