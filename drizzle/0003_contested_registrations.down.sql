DELETE FROM "pending_registrations" WHERE "password_hash" IS NULL;--> statement-breakpoint
ALTER TABLE "pending_registrations" ALTER COLUMN "password_hash" SET NOT NULL;
