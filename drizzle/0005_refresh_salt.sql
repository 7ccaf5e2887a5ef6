ALTER TABLE "sessions" ADD COLUMN "refresh_salt" "bytea" DEFAULT uuid_send(gen_random_uuid()) NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "refresh_salt" DROP DEFAULT;--> statement-breakpoint
-- What is stored of a token is another hash from now on: the tokens from before would read as reuse.
UPDATE "sessions" SET "revoked_at" = now(), "revoked_because" = 'credentials-changed' WHERE "revoked_at" IS NULL;
