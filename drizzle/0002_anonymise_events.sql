-- A power of the tables' owner, lent for one purpose: the server's own role only appends to the audit
-- log (LO-4), and has to take whoever deletes their account out of it (DR-5). Whoever still has one
-- stays in it, and nobody is given another's. The names of the body are resolved now, whatever search_path the caller has.
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
REVOKE EXECUTE ON FUNCTION anonymise_events(uuid, uuid) FROM PUBLIC;
