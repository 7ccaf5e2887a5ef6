DELETE FROM "one_time_tokens" AS older USING "one_time_tokens" AS newer
WHERE older."purpose" = newer."purpose" AND older."email" = newer."email"
  AND (older."created_at", older."id") < (newer."created_at", newer."id");--> statement-breakpoint
ALTER TABLE "one_time_tokens" DROP CONSTRAINT "one_time_tokens_purpose_email_subject_unique";--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_purpose_email_unique" UNIQUE("purpose","email");
