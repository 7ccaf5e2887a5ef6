import { type LimitsOf, resetLimits, showLimits } from '../journeys/account/rate-limits.ts';
import { canonicalEmail } from '../kernel/email.ts';
import { canonicalAddress } from '../kernel/source.ts';
import type { Counter } from '../throttle/counters.ts';
import { command } from './command.ts';
import { argument, requiredOption } from './parameters.ts';
import { withDatabase } from './with-database.ts';

/** Longer texts are for a ticket, which the reason can name. */
const LONGEST_REASON = 500;

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
    'The limits are described in docs/rate-limits.md. Of an email address: those of the address, its account and its live sessions. Of an IP address: those of the source and of the networks around it. Second factors (RL-8) and refreshes are counted elsewhere.',
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
    'Make sure first that it is not an attack: guesses at the account start anew. It changes nothing for second factors (RL-8). The reason is kept in the audit log. Where nothing is counted, nothing is changed, which is a success.',
  parameters: {
    of: OF,
    reason: requiredOption({
      placeholder: 'text',
      help: 'why, for the audit log',
      read: (text) => (text.trim() === '' || text.length > LONGEST_REASON ? null : text.trim()),
      rule: `must say why, in ${LONGEST_REASON} characters at most`,
    }),
  },
  async loss({ of }, terminal) {
    const counters = await withDatabase(terminal, (deps) => showLimits(deps, of));
    const what = `forget what ${counters.length} limits have counted of ${nameOf(of)}`;
    return { rows: counters.length, what };
  },
  async run({ of, reason }, terminal) {
    const counters = await withDatabase(terminal, (deps) => resetLimits(deps, of, reason));
    return {
      rows: counters.map(({ limit, of: whose, tries }) => ({ limit, of: whose, tries })),
      lines:
        counters.length === 0
          ? [`Nothing is counted of ${nameOf(of)}. Nothing was changed.`]
          : [`${counters.length} limits of ${nameOf(of)} have forgotten what they counted.`],
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
