-- latchkey: expand
ALTER TABLE "totp_factors" ADD COLUMN "pending_session_id" uuid;--> statement-breakpoint
ALTER TABLE "totp_factors" ADD COLUMN "pending_network" text;
