DO $$
DECLARE
	held CONSTANT text := (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'audit_events'::regclass AND conname = 'audit_events_earlier');
BEGIN
	ALTER TABLE audit_events DROP CONSTRAINT audit_events_earlier;
	EXECUTE format('ALTER TABLE audit_events ADD CONSTRAINT audit_events_earlier %s NOT VALID', held);
END $$;
