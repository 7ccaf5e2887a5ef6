CREATE TABLE "access_ledger" (
	"id" uuid PRIMARY KEY NOT NULL,
	"position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "access_ledger_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" uuid NOT NULL,
	"session_id" uuid,
	"act" text NOT NULL,
	"kind" text NOT NULL,
	"thing" text,
	"label" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "access_ledger_act" CHECK ("access_ledger"."act" in ('added', 'removed', 'used'))
);
--> statement-breakpoint
CREATE TABLE "removed_credentials" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"sealed_content" "bytea" NOT NULL,
	"removed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD COLUMN "change_id" uuid;--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD COLUMN "ip_address" text;--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "mfa_challenges" ADD COLUMN "identity_id" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "identity_id" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "device_tokens_void_before" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "access_ledger" ADD CONSTRAINT "access_ledger_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "removed_credentials" ADD CONSTRAINT "removed_credentials_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_ledger_user_id_index" ON "access_ledger" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "removed_credentials_user_id_index" ON "removed_credentials" USING btree ("user_id");