DROP FUNCTION anonymise_events(uuid, uuid, integer);--> statement-breakpoint
CREATE FUNCTION anonymise_events(person uuid, pseudonym uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
	UPDATE audit_events
	SET user_id = pseudonym,
		actor_id = CASE WHEN actor_id = person THEN pseudonym ELSE actor_id END,
		session_id = NULL,
		ip_address = NULL,
		user_agent = NULL,
		request_id = NULL,
		detail = '{}'
	WHERE user_id = person AND NOT EXISTS (SELECT FROM users WHERE id IN (person, pseudonym));
END;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION anonymise_events(uuid, uuid) FROM PUBLIC;--> statement-breakpoint
DROP INDEX "audit_events_routine_index";--> statement-breakpoint
ALTER TABLE "sessions" DROP COLUMN "refreshes_reset_at";--> statement-breakpoint
ALTER TABLE "sessions" DROP COLUMN "refreshes";--> statement-breakpoint
ALTER TABLE "audit_events" DROP COLUMN "routine";--> statement-breakpoint
DROP TABLE "audit_erasures";
