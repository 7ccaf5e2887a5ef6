ALTER INDEX "rate_limit_counters_pkey" RENAME TO "throttle_counters_pkey";--> statement-breakpoint
ALTER TABLE "rate_limit_counters" RENAME TO "throttle_counters";--> statement-breakpoint
ALTER INDEX "leases_pkey" RENAME TO "housekeeping_pkey";--> statement-breakpoint
ALTER TABLE "leases" RENAME COLUMN "expires_at" TO "next_at";--> statement-breakpoint
ALTER TABLE "leases" RENAME TO "housekeeping";
