ALTER TABLE "oauth_flows" DROP COLUMN "sealed_profile";
