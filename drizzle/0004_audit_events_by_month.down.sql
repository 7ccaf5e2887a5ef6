DROP FUNCTION make_audit_partitions();--> statement-breakpoint
DROP FUNCTION stray_audit_events();--> statement-breakpoint
DROP FUNCTION revoke_all_on(regclass);--> statement-breakpoint
ALTER TABLE "audit_events" RENAME TO "audit_events_by_month";--> statement-breakpoint
ALTER INDEX "audit_events_pkey" RENAME TO "audit_events_by_month_pkey";--> statement-breakpoint
ALTER INDEX "audit_events_user_id_id_index" RENAME TO "audit_events_by_month_user_id_id_index";--> statement-breakpoint
ALTER INDEX "audit_events_routine_index" RENAME TO "audit_events_by_month_routine_index";--> statement-breakpoint
CREATE TABLE "audit_events" (
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
);--> statement-breakpoint
INSERT INTO "audit_events" SELECT * FROM "audit_events_by_month";--> statement-breakpoint
CREATE INDEX "audit_events_user_id_id_index" ON "audit_events" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "audit_events_routine_index" ON "audit_events" USING btree ("id") WHERE "audit_events"."routine";--> statement-breakpoint
DO $$
DECLARE
	upper_bound CONSTANT timestamptz := (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months') AT TIME ZONE 'UTC';
	given record;
BEGIN
	EXECUTE format(
		'ALTER TABLE audit_events ADD CONSTRAINT audit_events_earlier CHECK (id < %L::uuid)',
		(lpad(to_hex((extract(epoch FROM upper_bound) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
	);
	FOR given IN
		SELECT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee, privilege_type
		FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = 'audit_events_by_month'::regclass AND acl.grantee <> relowner
	LOOP
		EXECUTE format('GRANT %s ON TABLE audit_events TO %s', given.privilege_type, given.grantee);
	END LOOP;
END $$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION anonymise_events(person uuid, pseudonym uuid, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
	WITH page AS MATERIALIZED (
		SELECT id FROM audit_events WHERE user_id = person LIMIT at_most
	), changed AS (
		UPDATE audit_events
		SET user_id = pseudonym,
			actor_id = CASE WHEN actor_id = person THEN pseudonym ELSE actor_id END,
			session_id = NULL,
			ip_address = NULL,
			user_agent = NULL,
			request_id = NULL,
			detail = '{}'
		WHERE id = ANY (ARRAY(SELECT page.id FROM page))
			AND NOT EXISTS (SELECT FROM users WHERE users.id IN (person, pseudonym))
		RETURNING 1
	)
	SELECT count(*)::integer FROM changed;
END;--> statement-breakpoint
DROP TABLE "audit_events_by_month";
