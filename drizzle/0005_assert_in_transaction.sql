-- latchkey: expand
-- Statements of one pipeline are sent before the first of them is answered, so the server cannot look at an answer
-- and decide whether to go on. This function decides in the database: it fails the transaction, and every statement
-- that was sent after it, unless the condition holds. LK001 is an SQLSTATE of Latchkey's own, which nothing else
-- raises. The name of the assertion travels in the error's field for a constraint.
CREATE FUNCTION assert_in_transaction(condition boolean, assertion text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF condition IS NOT TRUE THEN
		RAISE EXCEPTION USING ERRCODE = 'LK001', CONSTRAINT = assertion, MESSAGE = 'an assertion of the transaction failed';
	END IF;
END $$;--> statement-breakpoint
-- It reads and writes nothing. An owner's default privileges may keep new functions from everybody else.
GRANT EXECUTE ON FUNCTION assert_in_transaction(boolean, text) TO PUBLIC;
