CREATE TABLE "pending_registrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text,
	"password_hash" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pending_registrations_email_unique" UNIQUE("email"),
	CONSTRAINT "pending_registrations_email_length" CHECK (octet_length("pending_registrations"."email") between 3 and 254)
);
--> statement-breakpoint
ALTER TABLE "one_time_tokens" DROP COLUMN "code_holder";--> statement-breakpoint
DROP TABLE "registrations";
