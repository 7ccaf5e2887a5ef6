-- latchkey: contract after 0000_init
-- Reads every row, minutes where there are many. Its lock (SHARE UPDATE EXCLUSIVE) stands in no one's way who
-- reads or writes rows.
ALTER TABLE "audit_events" VALIDATE CONSTRAINT "audit_events_earlier";
