import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../../dev/embedded-postgres.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { startTestServer } from '../support/server.ts';
import { SILENT } from '../support/silent-log.ts';
import { formatComparison } from '../support/timing.ts';
import { raceOldPassword, raceResetToken } from './reset-races.ts';
import { loginWithHistory, timingTrials } from './timing-trials.ts';

/**
 * The races and the timing comparison with as many trials as wanted:
 *
 *     node test/races/run.ts --trials 200 --pairs 300
 */
const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '300' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), 'latchkey-races-'));
const postgres = await startEmbeddedPostgres({
  dataDir: join(folder, 'postgres'),
  settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  log: () => undefined,
});
try {
  const url = new URL(postgres.url);
  url.pathname = '/postgres';
  await migrateUp(url.href, { folder: MIGRATIONS_FOLDER, log: SILENT });
  const server = await startTestServer({
    durations: 'as-configured',
    database: { url: url.href, drop: async () => undefined },
  });
  const trials = Number(values.trials);
  const old = await raceOldPassword(server, trials);
  say(`old password racing reset: ${old.trials} trials, ${old.broken} with a surviving session`);
  say(`  answers: ${JSON.stringify(old.outcomes)}`);
  const token = await raceResetToken(server, Math.ceil(trials / 2), 20);
  say(`20 racers on one reset token: ${token.trials} trials, ${token.broken} without one winner`);
  say(`  answers: ${JSON.stringify(token.outcomes)}`);
  for (const [name, compare] of Object.entries(await timingTrials(server, Number(values.pairs)))) {
    say(formatComparison(name, await compare()));
  }
  for (const events of [10, 2_000, 10_000]) {
    const compare = await loginWithHistory(server, { events, pairs: Number(values.pairs) });
    for (let run = 0; run < 3; run += 1)
      say(formatComparison(`login, ${events} events`, await compare()));
  }
  await server.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
