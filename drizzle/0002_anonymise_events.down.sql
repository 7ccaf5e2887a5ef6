DROP FUNCTION anonymise_events(uuid, uuid);
