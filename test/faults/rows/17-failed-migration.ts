import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { productionEnv } from '../../process/spawn.ts';
import { makeNextVersion } from '../kit/next-version.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const STEPS = 6;

/** Each makes two tables with a pause in between: half of it would show. */
const MIGRATIONS = Array.from({ length: STEPS }, (_, step) => ({
  name: `900${step}_step`,
  up: `create table first_${step} (n integer)
--> statement-breakpoint
select pg_sleep(0.4)
--> statement-breakpoint
create table second_${step} (n integer)`,
  down: `drop table first_${step}, second_${step}`,
}));

/** The process that migrates dies anywhere in it; so may its machine. */
export const row: FaultRow = {
  number: 17,
  name: 'a migration killed in the middle',
  run: (run) =>
    withStage(run, { servers: 0 }, async ({ databaseUrl, sql, sink }) => {
      const next = await makeNextVersion(MIGRATIONS, run);
      try {
        const env = await productionEnv({ databaseUrl, smtpUrl: sink.url });
        const migrate = (direction: string[]) =>
          spawn(process.execPath, [next.cli, 'migrate', ...direction], { env, stdio: 'ignore' });
        const kills = run.short ? 5 : 20;
        const half: string[] = [];
        const caught: number[] = [];
        for (let kill = 0; kill < kills; kill += 1) {
          const child = migrate(['up']);
          const ended = once(child, 'exit');
          await startedBeside(sql, child.exitCode);
          await sleep(Math.random() * 900);
          child.kill('SIGKILL');
          await ended;
          const state = await read(sql);
          half.push(...state.half);
          caught.push(state.applied);
          if (state.applied === STEPS) await once(migrate(['down', String(STEPS)]), 'exit');
        }
        const [code] = await once(migrate(['up']), 'exit');
        const last = await read(sql);
        return verdict(
          `${kills} kills with ${caught.join(' ')} of ${STEPS} applied; half-done: ${half.length}; ` +
            `the next run exits ${code} with ${last.applied} of ${STEPS}`,
          {
            'table and bookkeeping agree': half.length === 0 && last.half.length === 0,
            'the next run succeeds': code === 0 && last.applied === STEPS,
          },
        );
      } finally {
        await next.remove();
      }
    }),
};

/** Waits until it is at work on the database, or over. */
async function startedBeside(sql: Sql, exitCode: number | null): Promise<void> {
  for (;;) {
    const [row] = await sql`
      select count(*)::int as n from pg_stat_activity
      where application_name = 'latchkey' and datname = current_database()`;
    if (Number(row?.['n']) > 0 || exitCode !== null) return;
    await sleep(5);
  }
}

/** What the catalog has against what the bookkeeping says. */
async function read(sql: Sql) {
  const rows = await sql<{ name: string }[]>`select name from latchkey_migrations`;
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relname ~ '^(first|second)_'`;
  const has = new Set([...rows, ...tables].map(({ name }) => name));
  const half = MIGRATIONS.map(({ name }, step) => [
    has.has(name),
    has.has(`first_${step}`),
    has.has(`second_${step}`),
  ]).flatMap((found, step) => (new Set(found).size === 1 ? [] : [`step ${step}: ${found}`]));
  return { half, applied: MIGRATIONS.filter(({ name }) => has.has(name)).length };
}
