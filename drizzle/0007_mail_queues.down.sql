DROP INDEX "mail_outbox_pending_index";--> statement-breakpoint
ALTER TABLE "mail_outbox" ADD COLUMN "decoy" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE "mail_outbox" SET "decoy" = true WHERE "queue" = 'decoy';--> statement-breakpoint
ALTER TABLE "mail_outbox" DROP COLUMN "queue";--> statement-breakpoint
CREATE INDEX "mail_outbox_pending_index" ON "mail_outbox" USING btree ("next_attempt_at","id") WHERE "mail_outbox"."sent_at" is null and "mail_outbox"."dead_at" is null;
