-- latchkey: expand
ALTER TABLE "invitations" ADD COLUMN "invited_by_token_id" uuid;