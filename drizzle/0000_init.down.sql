DROP TABLE "throttle_counters";--> statement-breakpoint
DROP TABLE "sessions";--> statement-breakpoint
DROP TABLE "one_time_tokens";--> statement-breakpoint
DROP TABLE "users";--> statement-breakpoint
DROP TABLE "pending_registrations";--> statement-breakpoint
DROP TABLE "audit_events";--> statement-breakpoint
DROP TABLE "mail_outbox";--> statement-breakpoint
DROP TABLE "signing_keys";
