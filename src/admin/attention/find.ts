import { overdueSince } from '../../access-token/rotation.ts';
import { selectSigningKeys } from '../../access-token/store.ts';
import { signingAt } from '../../access-token/timeline.ts';
import { partitionTroubles } from '../../audit/partitions.ts';
import { listClosingLimits } from '../../audit/search.ts';
import { type Database, run } from '../../db/executor.ts';
import { migrationStatus } from '../../db/migrations/migration-status.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../db/migrations/migrations.ts';
import type { Deps } from '../../deps.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { mailTroubles } from '../../mail/outbox-state.ts';

/** The causes that an operator should look at, with the descriptions of their enum values. */
export const ATTENTION_KINDS = {
  MAIL_FAILING: 'Mails have been waiting for more than five minutes.',
  MAILS_DEAD: 'Mails were given up within the last week.',
  SIGNING_KEY_DUE:
    'The signing key has been signing for a day longer than SIGNING_KEY_LIFETIME, and no server has rotated it.',
  LIMITS_CLOSING:
    'A rate limit has closed for many accounts or sources within a quarter of an hour, as in an attack.',
  PARTITION_MISSING:
    'The audit log has no monthly partition for today or within two weeks, or events are outside of all of them.',
  MIGRATION_PENDING: 'The database lacks migrations of this version.',
} as const;

export type AttentionKind = keyof typeof ATTENTION_KINDS;

/** Something that an operator should look at. */
export type Attention = {
  readonly kind: AttentionKind;
  readonly subject: string;
  readonly since: Date;
};

type Needs = Pick<Deps, 'config' | 'clock'> & { readonly db: Database };

/** How often a limit closes within {@link CLOSING_TIME} before it is worth a look. */
const MANY_CLOSINGS = 20;
const CLOSING_TIME = 15 * MINUTE;

/** Looks for every cause. `latchkey doctor` has the same rules for keys, partitions and migrations. */
export async function findAttention(deps: Needs): Promise<readonly Attention[]> {
  return [
    ...(await mails(deps)),
    ...(await signingKey(deps)),
    ...(await limits(deps)),
    ...(await partitions(deps)),
    ...(await migrations(deps)),
  ];
}

async function mails({ db, clock }: Needs): Promise<readonly Attention[]> {
  const troubles = await run(db, mailTroubles(clock.now()));
  return troubles.map(({ kind, mails: count, since, reason }) => ({
    kind: kind === 'late' ? 'MAIL_FAILING' : 'MAILS_DEAD',
    subject: `${count} ${count === 1 ? 'mail' : 'mails'}${reason === null ? '' : `: ${reason}`}`,
    since,
  }));
}

async function signingKey({ db, clock, config }: Needs): Promise<readonly Attention[]> {
  const now = clock.now();
  const signing = signingAt(await run(db, selectSigningKeys()), now);
  const since = overdueSince(signing, now, config.signingKeyLifetime);
  return signing && since ? [{ kind: 'SIGNING_KEY_DUE', subject: signing.kid, since }] : [];
}

async function limits({ db, clock }: Needs): Promise<readonly Attention[]> {
  const since = after(clock.now(), -CLOSING_TIME);
  const closing = await run(db, listClosingLimits(since, MANY_CLOSINGS));
  return closing.map((one) => ({
    kind: 'LIMITS_CLOSING',
    subject: `${one.limit}: ${one.times} times`,
    since: one.since,
  }));
}

async function partitions({ db, clock }: Needs): Promise<readonly Attention[]> {
  const troubles = await partitionTroubles(db, clock.now());
  return troubles.map((trouble) => ({
    kind: 'PARTITION_MISSING',
    subject: trouble.kind === 'stray' ? `${trouble.events} events` : 'audit_events',
    since: trouble.since,
  }));
}

async function migrations({ db, clock }: Needs): Promise<readonly Attention[]> {
  const { pending } = await migrationStatus(db, await readMigrations(MIGRATIONS_FOLDER));
  if (pending.length === 0) return [];
  return [{ kind: 'MIGRATION_PENDING', subject: pending.join(', '), since: clock.now() }];
}
