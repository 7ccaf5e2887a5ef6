-- latchkey: contract after 0000_init
-- Everything new is made first, and the log of now is locked in the last statement alone: it is renamed, and
-- attached under its constraint without being read. A new, empty log has no past and begins with its first month.
CREATE TABLE "audit_events_by_month" (
	"id" uuid PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor_id" uuid,
	"user_id" uuid,
	"session_id" uuid,
	"ip_address" text,
	"user_agent" text,
	"request_id" text,
	"detail" jsonb NOT NULL,
	"routine" boolean DEFAULT false NOT NULL
) PARTITION BY RANGE ("id");--> statement-breakpoint
CREATE INDEX "audit_events_by_month_user_id_id_index" ON "audit_events_by_month" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "audit_events_by_month_routine_index" ON "audit_events_by_month" USING btree ("id") WHERE "routine";--> statement-breakpoint
-- Where nothing should ever be. Housekeeping makes months ahead; if it could not for three months, events are
-- still written, and an alarm says so.
CREATE TABLE "audit_events_default" PARTITION OF "audit_events_by_month" DEFAULT;--> statement-breakpoint
-- Takes every privilege on a table from everybody but its owner. A partition obeys its own grants, not those of
-- the table it belongs to: with any of them, which `grant … on all tables` and default privileges give, the
-- server's role could delete there what it cannot delete from the log (LO-4).
CREATE FUNCTION revoke_all_on(target regclass) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	grantee text;
BEGIN
	FOR grantee IN
		SELECT DISTINCT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END
		FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = target AND acl.grantee <> relowner
	LOOP
		EXECUTE format('REVOKE ALL ON TABLE %s FROM %s', target, grantee);
	END LOOP;
END $$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION revoke_all_on(regclass) FROM PUBLIC;--> statement-breakpoint
-- Makes the months that are missing, up to three ahead, by the clock of Postgres alone: the server's role calls
-- it with the power of the tables' owner, and there is nothing it could ask for. Calling it while nothing is
-- missing reads the catalog and locks nothing.
--
-- Attaching locks the default partition against everybody for a moment; a lock that is not granted within
-- 100 ms fails the call, and the next one tries again.
CREATE FUNCTION make_audit_partitions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET timezone = 'UTC'
SET lock_timeout = '100ms'
AS $$
DECLARE
	this_month CONSTANT timestamptz := date_trunc('month', clock_timestamp());
	beginning timestamptz;
	ending timestamptz := this_month;
	lowest uuid;
	lowest_after uuid;
	month text;
	has_turn boolean := false;
BEGIN
	LOOP
		-- What is covered already: the upper bounds stand in the catalog as text.
		SELECT greatest(ending, max(to_timestamp(('x' || left(translate(bound, '-', ''), 12))::bit(48)::bigint / 1000.0)))
		INTO beginning
		FROM pg_inherits
		JOIN pg_class ON pg_class.oid = inhrelid
		CROSS JOIN substring(pg_get_expr(relpartbound, inhrelid) FROM $re$TO \('([0-9a-f-]{36})'\)$re$) AS bound
		WHERE inhparent = 'audit_events'::regclass;
		EXIT WHEN beginning >= this_month + interval '4 months';

		-- Of several servers that see it at once, one makes them. It looks again: another may have made them
		-- and gone between the look and the lock.
		IF NOT has_turn THEN
			has_turn := pg_try_advisory_xact_lock(1818981488);
			EXIT WHEN NOT has_turn;
			CONTINUE;
		END IF;
		ending := date_trunc('month', beginning) + interval '1 month';
		lowest := (lpad(to_hex((extract(epoch FROM beginning) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
		lowest_after := (lpad(to_hex((extract(epoch FROM ending) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
		IF EXISTS (SELECT FROM audit_events_default WHERE id >= lowest AND id < lowest_after) THEN
			-- Nobody made it in time. What stands in the default partition stays there, and the month begins in
			-- a minute: no event has a key of that time yet.
			beginning := clock_timestamp() + interval '1 minute';
			lowest := (lpad(to_hex((extract(epoch FROM beginning) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
		END IF;
		IF lowest < lowest_after
			AND NOT EXISTS (SELECT FROM audit_events_default WHERE id >= lowest AND id < lowest_after)
		THEN
			month := 'audit_events_' || to_char(beginning, 'YYYY_MM');
			-- Appended to, and once in a while routine events are removed: vacuumed in small steps, so that
			-- pages are known to be visible, and frozen, long before the whole month is due.
			EXECUTE format(
				'CREATE TABLE %I (LIKE audit_events INCLUDING ALL) WITH (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)',
				month
			);
			PERFORM revoke_all_on(month::regclass);
			EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', month, lowest, lowest_after);
		END IF;
	END LOOP;
END $$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION make_audit_partitions() FROM PUBLIC;--> statement-breakpoint
-- For the alarm: the server's role cannot look into a partition. Counts no further than an alarm needs.
CREATE FUNCTION stray_audit_events() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
	SELECT count(*)::integer FROM (SELECT FROM audit_events_default LIMIT 10000) AS stray;
END;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION stray_audit_events() FROM PUBLIC;--> statement-breakpoint
-- As before, and bound to the new table, whatever its name. It reads one stretch of the person's events in the
-- order of their keys, by pairs, since only the index of the person has their order. The planner does not learn
-- who it is (`SELECT person`): for somebody who it thinks has a single row it would sort all there are. The
-- changed rows are found by their keys one by one, and not as a stretch: between two of them may lie everybody
-- else's events of a year. The bounds leave out the months that the stretch does not touch.
CREATE OR REPLACE FUNCTION anonymise_events(person uuid, pseudonym uuid, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
	WITH page AS MATERIALIZED (
		SELECT user_id, id FROM audit_events_by_month
		WHERE (user_id, id) > ((SELECT person), '00000000-0000-0000-0000-000000000000'::uuid)
			AND (user_id, id) < ((SELECT person), 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
		ORDER BY user_id, id LIMIT at_most
	), changed AS (
		UPDATE audit_events_by_month
		SET user_id = pseudonym,
			actor_id = CASE WHEN actor_id = person THEN pseudonym ELSE actor_id END,
			session_id = NULL,
			ip_address = NULL,
			user_agent = NULL,
			request_id = NULL,
			detail = '{}'
		WHERE id = ANY (ARRAY(SELECT page.id FROM page))
			AND id >= (SELECT page.id FROM page ORDER BY page.id LIMIT 1)
			AND id <= (SELECT page.id FROM page ORDER BY page.id DESC LIMIT 1)
			AND NOT EXISTS (SELECT FROM users WHERE users.id IN (person, pseudonym))
		RETURNING 1
	)
	SELECT count(*)::integer FROM changed;
END;--> statement-breakpoint
-- A function that runs as its owner must not find tables that its caller put in front: the schema of now, and
-- temporary tables last.
DO $$
BEGIN
	EXECUTE format('ALTER FUNCTION make_audit_partitions() SET search_path = %I, pg_temp', current_schema());
	PERFORM revoke_all_on('audit_events_by_month');
	PERFORM revoke_all_on('audit_events_default');
END $$;--> statement-breakpoint
DO $$
DECLARE
	earlier CONSTANT regclass := 'audit_events';
	upper_bound CONSTANT text := (
		SELECT substring(pg_get_constraintdef(oid) FROM '[0-9a-f-]{36}')
		FROM pg_constraint WHERE conrelid = earlier AND conname = 'audit_events_earlier'
	);
	given record;
BEGIN
	-- Whoever has a privilege on the log keeps it; the server, which appends to it, may call the functions.
	FOR given IN
		SELECT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee, privilege_type
		FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = earlier AND acl.grantee <> relowner
	LOOP
		EXECUTE format('GRANT %s ON TABLE audit_events_by_month TO %s', given.privilege_type, given.grantee);
		IF given.privilege_type = 'INSERT' THEN
			EXECUTE format('GRANT EXECUTE ON FUNCTION make_audit_partitions(), stray_audit_events() TO %s', given.grantee);
		END IF;
	END LOOP;

	LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE;
	ALTER TABLE audit_events RENAME TO audit_events_earlier;
	ALTER INDEX audit_events_pkey RENAME TO audit_events_earlier_pkey;
	ALTER INDEX audit_events_user_id_id_index RENAME TO audit_events_earlier_user_id_id_index;
	ALTER INDEX audit_events_routine_index RENAME TO audit_events_earlier_routine_index;
	ALTER TABLE audit_events_by_month RENAME TO audit_events;
	ALTER INDEX audit_events_by_month_pkey RENAME TO audit_events_pkey;
	ALTER INDEX audit_events_by_month_user_id_id_index RENAME TO audit_events_user_id_id_index;
	ALTER INDEX audit_events_by_month_routine_index RENAME TO audit_events_routine_index;
	IF EXISTS (SELECT FROM audit_events_earlier) THEN
		-- It has room for a month at least. Housekeeping makes the months behind it.
		PERFORM revoke_all_on('audit_events_earlier');
		EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION audit_events_earlier FOR VALUES FROM (MINVALUE) TO (%L)', upper_bound);
		ALTER TABLE audit_events_earlier DROP CONSTRAINT audit_events_earlier;
	ELSE
		DROP TABLE audit_events_earlier;
		PERFORM make_audit_partitions();
	END IF;
END $$;
