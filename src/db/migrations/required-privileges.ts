type Privilege = 'select' | 'insert' | 'update' | 'delete';

const ALL: readonly Privilege[] = ['select', 'insert', 'update', 'delete'];

/**
 * What the server's own role must be allowed, table by table: what docs/operating/database-role.sql
 * grants. A table that is missing here fails a test.
 */
export const REQUIRED_PRIVILEGES: Readonly<Record<string, readonly Privilege[]>> = {
  // The log is append-only for the server (LO-4), and the migrations are their owner's (DR-3).
  audit_erasures: ALL,
  audit_events: ['select', 'insert'],
  latchkey_migrations: ['select'],
  access_ledger: ALL,
  backup_codes: ALL,
  email_factors: ALL,
  identities: ALL,
  leases: ALL,
  mail_outbox: ALL,
  mfa_challenges: ALL,
  oauth_flows: ALL,
  one_time_tokens: ALL,
  rate_limit_counters: ALL,
  registrations: ALL,
  removed_credentials: ALL,
  second_factor_failures: ALL,
  sessions: ALL,
  sign_in_failures: ALL,
  sign_in_origins: ALL,
  signing_keys: ALL,
  totp_factors: ALL,
  users: ALL,
};

/**
 * The functions that the server's own role must be allowed to call. Those of the audit log run with the power of
 * the tables' owner (LO-4).
 */
export const REQUIRED_FUNCTIONS = [
  'anonymise_events(uuid, uuid, integer)',
  'assert_in_transaction(boolean, text)',
  'make_audit_partitions()',
  'stray_audit_events()',
] as const;
