-- The indexes lock the tables for a while, so a server of the version before becomes unready.
CREATE TABLE "handovers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"user_id" uuid NOT NULL,
	"impersonator_id" uuid NOT NULL,
	"impersonator_session_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "handovers_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"user_id" uuid,
	"token_hash" "bytea" NOT NULL,
	"roles" text[] NOT NULL,
	"name" text,
	"locale" text,
	"invited_by_id" uuid,
	"invited_by_name" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "invitations_email_unique" UNIQUE("email"),
	CONSTRAINT "invitations_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "invitations_email_length" CHECK (octet_length("invitations"."email") between 3 and 254)
);
--> statement-breakpoint
CREATE TABLE "statistics_hours" (
	"hour" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"registrations" integer DEFAULT 0 NOT NULL,
	"sign_ins" integer DEFAULT 0 NOT NULL,
	"failed_sign_ins" integer DEFAULT 0 NOT NULL,
	"second_factor_failures" integer DEFAULT 0 NOT NULL,
	"password_resets" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "statistics_totals" (
	"task" text PRIMARY KEY NOT NULL,
	"counted_to" uuid,
	"at" timestamp (3) with time zone,
	"users" integer DEFAULT 0 NOT NULL,
	"verified" integer DEFAULT 0 NOT NULL,
	"with_second_factor" integer DEFAULT 0 NOT NULL,
	"with_passkey" integer DEFAULT 0 NOT NULL,
	"disabled" integer DEFAULT 0 NOT NULL,
	"live_sessions" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
DROP INDEX "user_roles_role_user_id_index";--> statement-breakpoint
ALTER TABLE "user_roles" ADD COLUMN "user_created_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "user_roles" SET "user_created_at" = "users"."created_at" FROM "users" WHERE "users"."id" = "user_roles"."user_id";--> statement-breakpoint
ALTER TABLE "user_roles" ALTER COLUMN "user_created_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "impersonator_id" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "impersonator_session_id" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "picture" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "locale" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "disabled_reason" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "has_second_factor" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "last_sign_in_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "preferences" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_impersonator_id_users_id_fk" FOREIGN KEY ("impersonator_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invited_by_id_users_id_fk" FOREIGN KEY ("invited_by_id") REFERENCES "users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "handovers_user_id_index" ON "handovers" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "handovers_impersonator_id_index" ON "handovers" USING btree ("impersonator_id");--> statement-breakpoint
CREATE INDEX "invitations_user_id_index" ON "invitations" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "invitations_invited_by_id_index" ON "invitations" USING btree ("invited_by_id");--> statement-breakpoint
CREATE INDEX "audit_events_type_id_index" ON "audit_events" USING btree ("type","id");--> statement-breakpoint
CREATE INDEX "audit_events_ip_address_id_index" ON "audit_events" USING btree ("ip_address","id") WHERE "audit_events"."ip_address" is not null;--> statement-breakpoint
CREATE INDEX "audit_events_actor_id_id_index" ON "audit_events" USING btree ("actor_id","id") WHERE "audit_events"."actor_id" is distinct from "audit_events"."user_id";--> statement-breakpoint
CREATE INDEX "user_roles_members_index" ON "user_roles" USING btree ("role","user_created_at","user_id");--> statement-breakpoint
CREATE INDEX "users_created_at_index" ON "users" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "users_verified_index" ON "users" USING btree ("created_at","id") WHERE "users"."email_verified_at" is not null;--> statement-breakpoint
CREATE INDEX "users_unverified_index" ON "users" USING btree ("created_at","id") WHERE "users"."email_verified_at" is null;--> statement-breakpoint
CREATE INDEX "users_enabled_index" ON "users" USING btree ("created_at","id") WHERE "users"."disabled_at" is null;--> statement-breakpoint
CREATE INDEX "users_disabled_index" ON "users" USING btree ("created_at","id") WHERE "users"."disabled_at" is not null;--> statement-breakpoint
CREATE INDEX "users_with_second_factor_index" ON "users" USING btree ("created_at","id") WHERE "users"."has_second_factor";--> statement-breakpoint
CREATE INDEX "users_without_second_factor_index" ON "users" USING btree ("created_at","id") WHERE not "users"."has_second_factor";--> statement-breakpoint
CREATE INDEX "users_last_sign_in_index" ON "users" USING btree (coalesce("last_sign_in_at", "created_at"),"id");--> statement-breakpoint
CREATE INDEX "users_email_prefix_index" ON "users" USING btree ("email" text_pattern_ops);--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_external_id_unique" UNIQUE("external_id");--> statement-breakpoint
-- Whether somebody has a second factor is asked of a million people at once, and factors are enrolled, removed, restored
-- and lost in many places. The tables themselves keep the answer, so that no place can forget to.
CREATE FUNCTION note_second_factor() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	person CONSTANT uuid := coalesce(NEW.user_id, OLD.user_id);
	enrolled CONSTANT boolean := EXISTS (SELECT FROM totp_factors WHERE user_id = person AND confirmed_at IS NOT NULL)
		OR EXISTS (SELECT FROM email_factors WHERE user_id = person)
		OR EXISTS (SELECT FROM passkey_factors WHERE user_id = person);
BEGIN
	UPDATE users SET has_second_factor = enrolled WHERE id = person AND has_second_factor <> enrolled;
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER totp_factors_noted AFTER INSERT OR DELETE OR UPDATE OF confirmed_at ON totp_factors
FOR EACH ROW EXECUTE FUNCTION note_second_factor();--> statement-breakpoint
CREATE TRIGGER email_factors_noted AFTER INSERT OR DELETE ON email_factors
FOR EACH ROW EXECUTE FUNCTION note_second_factor();--> statement-breakpoint
CREATE TRIGGER passkey_factors_noted AFTER INSERT OR DELETE ON passkey_factors
FOR EACH ROW EXECUTE FUNCTION note_second_factor();--> statement-breakpoint
UPDATE users SET has_second_factor = true WHERE EXISTS (SELECT FROM totp_factors WHERE user_id = users.id AND confirmed_at IS NOT NULL)
	OR EXISTS (SELECT FROM email_factors WHERE user_id = users.id)
	OR EXISTS (SELECT FROM passkey_factors WHERE user_id = users.id);
