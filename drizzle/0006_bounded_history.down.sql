DROP INDEX "mail_outbox_recipient_index";--> statement-breakpoint
DROP INDEX "sessions_unrevoked_index";--> statement-breakpoint
ALTER TABLE "second_factor_failures" DROP COLUMN "elsewhere_notified_at";--> statement-breakpoint
DROP TABLE "sign_in_origins";--> statement-breakpoint
DROP TABLE "sign_in_failures";
