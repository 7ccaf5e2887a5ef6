ALTER TABLE "one_time_tokens" DROP CONSTRAINT "one_time_tokens_email_purpose_subject_unique";--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_purpose_email_subject_unique" UNIQUE NULLS NOT DISTINCT("purpose","email","subject");--> statement-breakpoint
DROP INDEX "mail_outbox_recipient_index";--> statement-breakpoint
DROP INDEX "sessions_unrevoked_index";--> statement-breakpoint
ALTER TABLE "second_factor_failures" DROP COLUMN "elsewhere_notified_at";--> statement-breakpoint
DROP TABLE "sign_in_origins";--> statement-breakpoint
DROP TABLE "sign_in_failures";
