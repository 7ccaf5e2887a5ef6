ALTER TABLE "sessions" DROP COLUMN "refresh_salt";--> statement-breakpoint
UPDATE "sessions" SET "revoked_at" = now(), "revoked_because" = 'credentials-changed' WHERE "revoked_at" IS NULL;
