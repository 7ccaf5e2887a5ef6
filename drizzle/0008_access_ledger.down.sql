ALTER TABLE "users" DROP COLUMN "device_tokens_void_before";--> statement-breakpoint
ALTER TABLE "sessions" DROP COLUMN "identity_id";--> statement-breakpoint
ALTER TABLE "mfa_challenges" DROP COLUMN "identity_id";--> statement-breakpoint
ALTER TABLE "one_time_tokens" DROP COLUMN "user_agent";--> statement-breakpoint
ALTER TABLE "one_time_tokens" DROP COLUMN "ip_address";--> statement-breakpoint
ALTER TABLE "one_time_tokens" DROP COLUMN "change_id";--> statement-breakpoint
DROP TABLE "removed_credentials";--> statement-breakpoint
DROP TABLE "access_ledger";
