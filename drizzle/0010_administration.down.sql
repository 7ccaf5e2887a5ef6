DROP TRIGGER passkey_factors_noted ON passkey_factors;--> statement-breakpoint
DROP TRIGGER email_factors_noted ON email_factors;--> statement-breakpoint
DROP TRIGGER totp_factors_noted ON totp_factors;--> statement-breakpoint
DROP FUNCTION note_second_factor();--> statement-breakpoint
DROP INDEX "user_roles_members_index";--> statement-breakpoint
ALTER TABLE "user_roles" DROP COLUMN "user_created_at";--> statement-breakpoint
CREATE INDEX "user_roles_role_user_id_index" ON "user_roles" USING btree ("role","user_id");--> statement-breakpoint
DROP INDEX "audit_events_actor_id_id_index";--> statement-breakpoint
DROP INDEX "audit_events_ip_address_id_index";--> statement-breakpoint
DROP INDEX "audit_events_type_id_index";--> statement-breakpoint
DROP INDEX "users_email_prefix_index";--> statement-breakpoint
DROP INDEX "users_last_sign_in_index";--> statement-breakpoint
DROP INDEX "users_without_second_factor_index";--> statement-breakpoint
DROP INDEX "users_with_second_factor_index";--> statement-breakpoint
DROP INDEX "users_disabled_index";--> statement-breakpoint
DROP INDEX "users_enabled_index";--> statement-breakpoint
DROP INDEX "users_unverified_index";--> statement-breakpoint
DROP INDEX "users_verified_index";--> statement-breakpoint
DROP INDEX "users_created_at_index";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "preferences";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "last_sign_in_at";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "has_second_factor";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "disabled_reason";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "external_id";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "locale";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "picture";--> statement-breakpoint
ALTER TABLE "sessions" DROP COLUMN "impersonator_session_id";--> statement-breakpoint
ALTER TABLE "sessions" DROP COLUMN "impersonator_id";--> statement-breakpoint
DROP TABLE "statistics_totals";--> statement-breakpoint
DROP TABLE "statistics_hours";--> statement-breakpoint
DROP TABLE "invitations";--> statement-breakpoint
DROP TABLE "handovers";
