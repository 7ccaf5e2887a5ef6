-- Two tables get the names of what they hold. A server of the version before knows the old names and becomes unready.
ALTER TABLE "housekeeping" RENAME TO "leases";--> statement-breakpoint
ALTER TABLE "leases" RENAME COLUMN "next_at" TO "expires_at";--> statement-breakpoint
ALTER INDEX "housekeeping_pkey" RENAME TO "leases_pkey";--> statement-breakpoint
ALTER TABLE "throttle_counters" RENAME TO "rate_limit_counters";--> statement-breakpoint
ALTER INDEX "throttle_counters_pkey" RENAME TO "rate_limit_counters_pkey";
