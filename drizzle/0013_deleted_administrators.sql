-- The index locks the sessions for a while, so a server of the version before becomes unready.
CREATE INDEX "sessions_impersonator_id_index" ON "sessions" USING btree ("impersonator_id") WHERE "sessions"."impersonator_id" is not null;--> statement-breakpoint
-- As before for the events about the person, except for what somebody else did to them through the administrators' API or
-- the command line: that keeps who it was, from where and why, so that nobody covers their own tracks by deleting an account.
-- The event of a stranger is marked as one, since nothing else tells it from an act of the server once its origin is gone.
--
-- New are the events of what the person did to others: the actor and the origin are removed, and what was done stays. They
-- are read by the same kind of pairs, from the index that has nothing else. An admin token is no person and is never removed,
-- although no account has its id.
CREATE OR REPLACE FUNCTION anonymise_events(person uuid, pseudonym uuid, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
	WITH about AS MATERIALIZED (
		SELECT user_id, id FROM audit_events
		WHERE (user_id, id) > ((SELECT person), '00000000-0000-0000-0000-000000000000'::uuid)
			AND (user_id, id) < ((SELECT person), 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
		ORDER BY user_id, id LIMIT at_most
	), acted AS MATERIALIZED (
		SELECT actor_id, id FROM audit_events
		WHERE (actor_id, id) > ((SELECT person), '00000000-0000-0000-0000-000000000000'::uuid)
			AND (actor_id, id) < ((SELECT person), 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
			AND actor_id IS DISTINCT FROM user_id
			AND detail ->> 'by' IS DISTINCT FROM 'token'
		ORDER BY actor_id, id LIMIT greatest(at_most - (SELECT count(*) FROM about), 0)
	), page AS MATERIALIZED (
		SELECT id FROM about UNION ALL SELECT id FROM acted
	), changed AS (
		UPDATE audit_events
		SET user_id = CASE WHEN user_id = person THEN pseudonym ELSE user_id END,
			actor_id = CASE WHEN actor_id = person THEN pseudonym ELSE actor_id END,
			session_id = CASE WHEN user_id = person THEN NULL ELSE session_id END,
			ip_address = CASE WHEN detail ? 'by' AND actor_id IS DISTINCT FROM person THEN ip_address END,
			user_agent = CASE WHEN detail ? 'by' AND actor_id IS DISTINCT FROM person THEN user_agent END,
			request_id = CASE WHEN detail ? 'by' AND actor_id IS DISTINCT FROM person THEN request_id END,
			detail = CASE
				WHEN user_id IS DISTINCT FROM person THEN detail
				WHEN detail ? 'by' THEN (
					SELECT jsonb_object_agg(kept.key, kept.value) FROM jsonb_each(detail) AS kept
					WHERE kept.key IN ('by', 'token', 'operator', 'reason')
				)
				WHEN actor_id IS NULL AND request_id IS NOT NULL THEN '{"stranger": true}'
				ELSE '{}'
			END
		WHERE id = ANY (ARRAY(SELECT page.id FROM page))
			AND id >= (SELECT page.id FROM page ORDER BY page.id LIMIT 1)
			AND id <= (SELECT page.id FROM page ORDER BY page.id DESC LIMIT 1)
			AND NOT EXISTS (SELECT FROM users WHERE users.id IN (person, pseudonym))
		RETURNING 1
	)
	SELECT count(*)::integer FROM changed;
END;
