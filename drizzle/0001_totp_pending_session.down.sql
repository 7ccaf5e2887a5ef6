ALTER TABLE "totp_factors" DROP COLUMN "pending_network";--> statement-breakpoint
ALTER TABLE "totp_factors" DROP COLUMN "pending_session_id";
