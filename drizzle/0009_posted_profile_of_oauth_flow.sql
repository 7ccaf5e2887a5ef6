-- latchkey: expand
ALTER TABLE "oauth_flows" ADD COLUMN "sealed_profile" "bytea";