CREATE TABLE "audit_erasures" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"pseudonym" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "routine" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "refreshes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "refreshes_reset_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "audit_events_routine_index" ON "audit_events" USING btree ("id") WHERE "audit_events"."routine";
--> statement-breakpoint
DROP FUNCTION anonymise_events(uuid, uuid);--> statement-breakpoint
-- As before, for so many events at once: a deleted account may have millions (DR-5).
CREATE FUNCTION anonymise_events(person uuid, pseudonym uuid, at_most integer) RETURNS integer
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
REVOKE EXECUTE ON FUNCTION anonymise_events(uuid, uuid, integer) FROM PUBLIC;
