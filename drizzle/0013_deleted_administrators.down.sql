CREATE OR REPLACE FUNCTION anonymise_events(person uuid, pseudonym uuid, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
	WITH page AS MATERIALIZED (
		SELECT user_id, id FROM audit_events
		WHERE (user_id, id) > ((SELECT person), '00000000-0000-0000-0000-000000000000'::uuid)
			AND (user_id, id) < ((SELECT person), 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
		ORDER BY user_id, id LIMIT at_most
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
			AND id >= (SELECT page.id FROM page ORDER BY page.id LIMIT 1)
			AND id <= (SELECT page.id FROM page ORDER BY page.id DESC LIMIT 1)
			AND NOT EXISTS (SELECT FROM users WHERE users.id IN (person, pseudonym))
		RETURNING 1
	)
	SELECT count(*)::integer FROM changed;
END;--> statement-breakpoint
DROP INDEX "sessions_impersonator_id_index";
