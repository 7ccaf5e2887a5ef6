DROP INDEX "mail_outbox_pending_index";--> statement-breakpoint
ALTER TABLE "mail_outbox" ADD COLUMN "queue" text DEFAULT 'anybody' NOT NULL;--> statement-breakpoint
ALTER TABLE "mail_outbox" ALTER COLUMN "queue" DROP DEFAULT;--> statement-breakpoint
UPDATE "mail_outbox" SET "queue" = 'decoy' WHERE "decoy";--> statement-breakpoint
ALTER TABLE "mail_outbox" DROP COLUMN "decoy";--> statement-breakpoint
CREATE INDEX "mail_outbox_pending_index" ON "mail_outbox" USING btree ("queue","next_attempt_at","id") WHERE "mail_outbox"."sent_at" is null and "mail_outbox"."dead_at" is null;
