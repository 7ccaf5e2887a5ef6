import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBundle } from '../support/build-bundle.ts';
import { type Failover, type Outcome, runFailover } from './failover.ts';
import { haproxyVersion } from './haproxy.ts';

/**
 * Failovers of Postgres on real parts: a primary, a standby that follows it, HAProxy in front of both, two
 * servers and a load with a ledger. The primary is cut off from its standby, then lost with `kill -9`, and
 * the standby is promoted; afterwards every client says whether it is still signed in.
 *
 *     apt-get install haproxy
 *     npm run ha                              both kinds of replication, once
 *     npm run ha -- --only asynchronous --rounds 3
 *     npm run ha -- --cut-off 2 --rate 100 --people 400 --seconds 10 --decision 3
 *     npm run ha -- --bundle <folder>         a server that was built before, for a comparison
 *
 * Everything listens on loopback, and ends by itself after ten minutes a run at most.
 */
const LIMIT = 10 * 60_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    people: { type: 'string', default: '400' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
    'cut-off': { type: 'string', default: '2' },
    decision: { type: 'string', default: '3' },
    bundle: { type: 'string' },
  },
});

const KINDS = ['synchronous', 'asynchronous'] as const satisfies readonly Failover['replication'][];

const say = (line: string) => process.stdout.write(`${line}\n`);

const HEAD =
  '| replication | sessions | refreshed after the last replicated commit | sessions lost | asked again too late | sign-ins lost | double | adopted | theft mails | outage | after the promotion | 503 of calls | wrong answers | load |';

function row(replication: string, outcome: Outcome): string {
  const { outage, afterPromotion, unavailable, calls } = outcome;
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  const cells = [
    replication,
    outcome.sessions,
    outcome.ahead,
    outcome.lostSessions,
    outcome.late,
    outcome.lostSignIns,
    outcome.double,
    outcome.adopted,
    outcome.theftMails,
    seconds(outage),
    seconds(afterPromotion),
    `${unavailable} of ${calls}`,
    outcome.wrong,
    loadavg()[0]?.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

const version = haproxyVersion();
if (version === null) {
  say('HAProxy is not installed: apt-get install haproxy');
  process.exit(1);
}
const kinds = KINDS.filter((kind) => values.only === undefined || values.only === kind);
const place = await mkdtemp(join(tmpdir(), 'latchkey-ha-'));
const bundle = values.bundle === undefined ? join(place, 'dist') : resolve(values.bundle);
try {
  if (values.bundle === undefined) await buildBundle(bundle);
  say(`HAProxy ${version}, node ${process.version}`);
  say(HEAD);
  say(HEAD.replaceAll(/[^|]+/g, '---'));
  for (const replication of kinds) {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const outcome = await runFailover({
        replication,
        bundle,
        people: Number(values.people),
        rate: Number(values.rate),
        seconds: Number(values.seconds),
        cutOff: Number(values['cut-off']) * 1000,
        decision: Number(values.decision) * 1000,
        limit: LIMIT,
      });
      say(row(replication, outcome));
    }
  }
} finally {
  await rm(place, { recursive: true });
}
