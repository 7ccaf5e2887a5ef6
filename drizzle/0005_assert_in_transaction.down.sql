DROP FUNCTION assert_in_transaction(boolean, text);
