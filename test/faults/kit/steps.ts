import type { FaultRun } from '../row.ts';
import { type Answer, type Balancer, kindOf, openBalancer } from './balancer.ts';
import type { RunningServer } from './process.ts';
import type { Stage } from './stage.ts';
import { openWire } from './wire.ts';

/** Where a journey takes place: a server that stays, and everything around it. */
export type Ground = { readonly stage: Stage; readonly standing: Balancer };

/** One act of a person, to be cut short and tried again. */
type Act = {
  call(through: Balancer): Promise<Answer>;
  /**
   * Given the answer to the second try, says what is wrong: the act was done in half, twice, or
   * cannot be brought to its end.
   */
  check(again: Answer): Promise<readonly string[]>;
};

/** Prepares an act anew for each step it will be cut at. */
export type Journey = {
  readonly name: string;
  prepare(ground: Ground): Promise<Act>;
  /** How long what follows the answer is watched too: its mail, say. */
  readonly lingers?: number;
};

/** What cutting a journey everywhere came to. */
export type StepReport = {
  readonly name: string;
  readonly kills: number;
  readonly wrong: readonly string[];
};

/** Asked by every server all the time, whoever calls it. */
const BACKGROUND =
  /latchkey_migrations|pg_is_in_recovery|clock_timestamp\(\)\) \* 1000|signing_keys|statement_timeout/;

/** More steps than any journey has. */
const MOST_STEPS = 80;

/**
 * kill -9 of the server before its first statement is sent, after the answer to it has come but
 * before it is read, before the second, and so on, until the act is through.
 *
 * @param at the statements to be cut at; all when left out
 */
export async function killAtEveryStep(
  run: FaultRun,
  ground: Ground,
  journey: Journey,
  at: RegExp = /./,
): Promise<StepReport> {
  const { stage } = ground;
  const wire = await openWire(stage.databaseUrl);
  const start = () => stage.start({ DATABASE_URL: wire.url });
  const wrong: string[] = [];
  let kills = 0;
  let next = start();
  try {
    for (let step = 1; step <= MOST_STEPS; step += 1) {
      const [victim, act] = await Promise.all([next, journey.prepare(ground)]);
      const through = openBalancer([victim.url]);
      let seen = 0;
      let cutAt = '';
      wire.watch(({ side, statement }) => {
        if (BACKGROUND.test(statement) || !at.test(statement)) return false;
        seen += 1;
        if (seen !== step) return false;
        cutAt = `${side} "${statement.slice(0, 60)}"`;
        victim.kill('SIGKILL');
        return true;
      });
      const first = await act.call(through);
      const settled = performance.now() + (journey.lingers ?? 0);
      while (cutAt === '' && performance.now() < settled) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      through.close();
      wire.watch(null);
      if (cutAt === '') {
        await stage.end(victim, 'SIGKILL');
        return { name: journey.name, kills, wrong };
      }
      kills += 1;
      await stage.end(victim, 'SIGKILL');
      next = start();
      const again = await act.call(ground.standing);
      const found = await act.check(again);
      const what = `${journey.name}, killed ${cutAt}, then ${kindOf(first)} and ${kindOf(again)}`;
      wrong.push(...found.map((problem) => `${what}: ${problem}`));
      run.say(`${what}${found.length > 0 ? `: ${found.join(', ')}` : ''}`);
    }
    throw new Error(`${journey.name} has no end.`);
  } finally {
    await next.then((victim: RunningServer) => stage.end(victim, 'SIGKILL'));
    await wire.close();
  }
}
