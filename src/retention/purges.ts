import { purgeLedger, purgeRemoved } from '../access-ledger/store.ts';
import { purgeTokens } from '../administrator/token-store.ts';
import {
  purgeErasures,
  purgeMonths,
  purgeRoutineEvents,
  purgeStrayEvents,
} from '../audit/retention.ts';
import type { Config } from '../config.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { PurgedPage, PurgePage } from '../db/purge-page.ts';
import type { Statement } from '../db/statement.ts';
import { purgeHandovers } from '../impersonation/store.ts';
import { purgeInvitations } from '../invitation/store.ts';
import { purgeMails } from '../mail/store.ts';
import { purgeFlows } from '../proofs/oauth/store.ts';
import { purgeOneTimeTokens } from '../proofs/one-time-token/store.ts';
import { purgeSpentCeremonies } from '../proofs/passkey/store.ts';
import { purgeChallenges } from '../proofs/second-factor/challenge-store.ts';
import { purgeCounters } from '../rate-limit/store.ts';
import { purgeRegistrations } from '../registration/store.ts';
import { purgeSessions } from '../session/store.ts';
import { purgeFailures } from '../sign-in-gate/history-store.ts';
import type { Purge } from './purge.ts';

/**
 * The purges of all tables whose rows expire. docs/operating/retention.md says what bounds the other
 * tables, and a test compares it with the tables that exist.
 */
export function purgesOf({ auditRetention }: Pick<Config, 'auditRetention'>): readonly Purge[] {
  return [
    { table: 'rate_limit_counters', page: purgeCounters },
    { table: 'sign_in_failures', page: purgeFailures },
    { table: 'mfa_challenges', page: inOneStatement(purgeChallenges) },
    { table: 'oauth_flows', page: inOneStatement(purgeFlows) },
    { table: 'spent_ceremonies', page: inOneStatement(purgeSpentCeremonies) },
    { table: 'one_time_tokens', page: inOneStatement(purgeOneTimeTokens) },
    { table: 'registrations', page: purgeRegistrations },
    { table: 'invitations', page: inOneStatement(purgeInvitations) },
    { table: 'handovers', page: inOneStatement(purgeHandovers) },
    { table: 'admin_tokens', page: inOneStatement(purgeTokens) },
    { table: 'mail_outbox', page: inOneStatement(purgeMails) },
    { table: 'sessions', page: purgeSessions },
    { table: 'access_ledger', page: inOneStatement(purgeLedger) },
    { table: 'removed_credentials', page: inOneStatement(purgeRemoved) },
    { table: 'audit_erasures', page: purgeErasures },
    ...[purgeMonths, purgeRoutineEvents, purgeStrayEvents].map((purge) => ({
      table: 'audit_events',
      page: (executor: Executor, page: PurgePage) =>
        purge(executor, { ...page, retention: auditRetention }),
    })),
  ];
}

function inOneStatement(purge: (page: PurgePage) => Statement<PurgedPage>): Purge['page'] {
  return (executor, page) => run(executor, purge(page));
}
