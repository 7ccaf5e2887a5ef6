ALTER TABLE "users" DROP COLUMN "attributes";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "claims_version";--> statement-breakpoint
DROP TABLE "user_roles";--> statement-breakpoint
DROP TABLE "roles";--> statement-breakpoint
DROP TABLE "admin_tokens";
