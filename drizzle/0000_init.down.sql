DROP FUNCTION anonymise_events(uuid, uuid, integer);--> statement-breakpoint
DROP TABLE "access_ledger";--> statement-breakpoint
DROP TABLE "removed_credentials";--> statement-breakpoint
DROP TABLE "audit_erasures";--> statement-breakpoint
DROP TABLE "audit_events";--> statement-breakpoint
DROP TABLE "housekeeping";--> statement-breakpoint
DROP TABLE "identities";--> statement-breakpoint
DROP TABLE "oauth_flows";--> statement-breakpoint
DROP TABLE "one_time_tokens";--> statement-breakpoint
DROP TABLE "mail_outbox";--> statement-breakpoint
DROP TABLE "registrations";--> statement-breakpoint
DROP TABLE "backup_codes";--> statement-breakpoint
DROP TABLE "email_factors";--> statement-breakpoint
DROP TABLE "mfa_challenges";--> statement-breakpoint
DROP TABLE "second_factor_failures";--> statement-breakpoint
DROP TABLE "totp_factors";--> statement-breakpoint
DROP TABLE "sessions";--> statement-breakpoint
DROP TABLE "sign_in_failures";--> statement-breakpoint
DROP TABLE "sign_in_origins";--> statement-breakpoint
DROP TABLE "signing_keys";--> statement-breakpoint
DROP TABLE "throttle_counters";--> statement-breakpoint
DROP TABLE "users";
