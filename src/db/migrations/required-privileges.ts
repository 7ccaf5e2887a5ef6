type Privilege = 'select' | 'insert' | 'update' | 'delete';

const ALL: readonly Privilege[] = ['select', 'insert', 'update', 'delete'];

/**
 * The privileges that the server's role needs on each table. docs/operating/database-role.sql grants them. A
 * test fails if a table is missing here.
 */
export const REQUIRED_PRIVILEGES: Readonly<Record<string, readonly Privilege[]>> = {
  // The audit log is append-only for the server (LO-4), and only the owner of the tables changes the table of
  // migrations (DR-3).
  audit_erasures: ALL,
  audit_events: ['select', 'insert'],
  latchkey_migrations: ['select'],
  access_ledger: ALL,
  admin_tokens: ALL,
  backup_codes: ALL,
  email_factors: ALL,
  handovers: ALL,
  identities: ALL,
  invitations: ALL,
  leases: ALL,
  mail_outbox: ALL,
  mfa_challenges: ALL,
  oauth_flows: ALL,
  one_time_tokens: ALL,
  passkey_factors: ALL,
  passkey_handles: ALL,
  passkeys: ALL,
  rate_limit_counters: ALL,
  registrations: ALL,
  removed_credentials: ALL,
  roles: ALL,
  second_factor_failures: ALL,
  sessions: ALL,
  sign_in_failures: ALL,
  sign_in_origins: ALL,
  signing_keys: ALL,
  spent_ceremonies: ALL,
  statistics_hours: ALL,
  statistics_totals: ALL,
  totp_factors: ALL,
  user_roles: ALL,
  users: ALL,
};

/**
 * The functions that the server's role must be allowed to call. The functions of the audit log run with the
 * privileges of the tables' owner (LO-4).
 */
export const REQUIRED_FUNCTIONS = [
  'anonymise_events(uuid, uuid, integer)',
  'assert_in_transaction(boolean, text)',
  'make_audit_partitions()',
  'stray_audit_events()',
] as const;
