import { type LimitsOf, resetLimits, showLimits } from '../account/limits.ts';
import { transaction } from '../db/transaction.ts';
import { canonicalEmail } from '../kernel/email.ts';
import { canonicalAddress } from '../kernel/source.ts';
import type { Counter } from '../rate-limit/counters.ts';
import { amount } from './affected.ts';
import { command } from './command.ts';
import { argument, REASON } from './parameters.ts';
import { withDatabase } from './with-database.ts';

const OF = argument<LimitsOf>({
  placeholder: 'email or ip',
  help: 'an email address, whether or not it has an account, or the IP address of a source',
  read(text) {
    const ipAddress = canonicalAddress(text);
    if (ipAddress !== null) return { kind: 'source', ipAddress };
    const email = canonicalEmail(text);
    return email === null ? null : { kind: 'address', email };
  },
  rule: 'must be an email address or an IP address',
});

export const limitsShowCommand = command({
  name: 'limits show',
  summary: 'show what the rate limits of an address or a source have counted',
  details:
    'The limits are described in docs/rate-limits.md. For an email address the command shows the limits of the address, its account and its live sessions. For an IP address it shows those of the source and of the networks around it. It does not show the counts of second factors (RL-8) and of refreshes.',
  parameters: { of: OF },
  async run({ of }, terminal) {
    const counters = await withDatabase(terminal, (deps) => showLimits(deps, of));
    return {
      rows: counters.map((counter) => ({ ...counter, isClosed: counter.closedUntil !== null })),
      lines: counters.length === 0 ? ['Nothing is counted.'] : counters.map(describe),
    };
  },
});

export const limitsResetCommand = command({
  name: 'limits reset',
  summary: 'forget what the rate limits of an address or a source have counted',
  details:
    'First make sure that there is no attack: an attacker gets all attempts again. The counts of second factors (RL-8) stay. The reason is kept in the audit log. If nothing was counted, the command succeeds and changes nothing.',
  parameters: {
    of: OF,
    reason: REASON,
  },
  async loss({ of }, terminal) {
    const counters = await withDatabase(terminal, (deps) => showLimits(deps, of));
    const what = `reset ${amount(counters.length, 'limit')} of ${nameOf(of)}`;
    return { rows: counters.length, what };
  },
  async run({ of, reason }, terminal) {
    const counters = await withDatabase(terminal, (deps) =>
      transaction(deps.db, (tx) => resetLimits({ ...deps, act: { ...deps.act, reason } }, tx, of)),
    );
    return {
      rows: counters.map(({ limit, of: whose, tries }) => ({ limit, of: whose, tries })),
      lines:
        counters.length === 0
          ? [`No limit has counted anything for ${nameOf(of)}. Nothing was changed.`]
          : [`Reset ${amount(counters.length, 'limit')} of ${nameOf(of)}.`],
    };
  },
});

function nameOf(of: LimitsOf): string {
  return of.kind === 'source' ? of.ipAddress : of.email;
}

function describe({ limit, of, tries, allowance, closedUntil, forgottenAt }: Counter): string {
  const state = closedUntil ? `closed until ${closedUntil.toISOString()}` : 'open';
  return `${limit}  ${of}  ${tries} of ${allowance}, ${state}, forgotten at ${forgottenAt.toISOString()}`;
}
