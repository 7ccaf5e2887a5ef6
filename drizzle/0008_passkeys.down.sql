DROP TABLE "spent_ceremonies";--> statement-breakpoint
DROP TABLE "passkeys";--> statement-breakpoint
DROP TABLE "passkey_handles";--> statement-breakpoint
DROP TABLE "passkey_factors";
