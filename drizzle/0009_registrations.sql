CREATE TABLE "registrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"name" text,
	"password_hash" text,
	"login_tag" "bytea" NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"renewed_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "registrations_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "registrations_email_length" CHECK (octet_length("registrations"."email") between 3 and 254)
);
--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD COLUMN "code_holder" uuid;--> statement-breakpoint
CREATE INDEX "registrations_email_index" ON "registrations" USING btree ("email","renewed_at");--> statement-breakpoint
DROP TABLE "pending_registrations" CASCADE;