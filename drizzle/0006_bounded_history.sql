CREATE TABLE "sign_in_failures" (
	"key" "bytea" PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"resets_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_origins" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"devices" text[] NOT NULL,
	"networks" text[] NOT NULL
);
--> statement-breakpoint
ALTER TABLE "one_time_tokens" DROP CONSTRAINT "one_time_tokens_purpose_email_subject_unique";--> statement-breakpoint
ALTER TABLE "second_factor_failures" ADD COLUMN "elsewhere_notified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sign_in_origins" ADD CONSTRAINT "sign_in_origins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mail_outbox_recipient_index" ON "mail_outbox" USING btree ("recipient");--> statement-breakpoint
CREATE INDEX "sessions_unrevoked_index" ON "sessions" USING btree ("user_id","id") WHERE "sessions"."revoked_at" is null;--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_email_purpose_subject_unique" UNIQUE NULLS NOT DISTINCT("email","purpose","subject");