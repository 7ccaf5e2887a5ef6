import type { Contender, Host, Operation } from '../contenders/contender.ts';
import { median, summarize } from './statistics.ts';

/** The result of one contender in one operation. */
export type Result = {
  readonly operation: Operation;
  readonly contender: string;
  /** Ours ÷ theirs, round by round. */
  readonly ratios: readonly number[];
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of its process for one operation; null if the system does not report it. */
  readonly cpuMicroseconds: number | null;
};

export type Plan = {
  readonly rounds: number;
  readonly seconds: number;
  /** The longest a warm-up may take, in seconds. */
  readonly warmUp: number;
};

/** The rate is steady if a second is better than the one before it by no more than this. */
const STEADY = 1.05;

/**
 * Measures the contenders of one operation. They take turns, round by round, so that a slow hour of the machine
 * is slow for all of them. A ratio is formed within its round.
 *
 * @param ours the name of the contender that the ratios belong to
 */
export async function measureRounds(
  operation: Operation,
  hosts: readonly Pick<Host, 'contenders' | 'program'>[],
  bare: readonly Contender[],
  plan: Plan,
  ours = 'latchkey',
): Promise<readonly Result[]> {
  const entries = [
    ...hosts.flatMap(({ contenders, program }) =>
      contenders.map((contender) => ({ contender, cpuMs: program.cpuMs })),
    ),
    ...bare.map((contender) => ({ contender, cpuMs: () => null })),
  ]
    .filter(({ contender }) => contender.operation === operation)
    .map((entry) => ({
      ...entry,
      rates: [] as number[],
      latencies: [] as number[][],
      cpu: [] as number[],
    }));

  for (const { contender } of entries) await warmUp(contender, plan);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const entry of entries) {
      const before = entry.cpuMs();
      const { seconds, latencies } = await entry.contender.run(plan.seconds);
      const after = entry.cpuMs();
      entry.rates.push(latencies.length / seconds);
      entry.latencies.push([...latencies]);
      if (before !== null && after !== null)
        entry.cpu.push(((after - before) * 1000) / latencies.length);
    }
  }
  const reference = entries.find(({ contender }) => contender.name === ours)?.rates ?? [];
  return entries.map(({ contender, rates, latencies, cpu }) => {
    const { p50, p99 } = summarize(latencies.flat());
    return {
      operation,
      contender: contender.name,
      ratios: rates.map((rate, round) => (reference[round] ?? Number.NaN) / rate),
      perSecond: median(rates),
      p50,
      p99,
      cpuMicroseconds: cpu.length > 0 ? median(cpu) : null,
    };
  });
}

/** A new process becomes faster for some seconds, while V8 compiles its hot code. */
async function warmUp(contender: Contender, { warmUp: limit, seconds }: Plan): Promise<void> {
  let best = 0;
  for (let spent = 0; spent < limit; spent += Math.min(1, seconds)) {
    const { latencies, seconds: took } = await contender.run(Math.min(1, seconds));
    const rate = latencies.length / took;
    if (best > 0 && rate < best * STEADY) return;
    best = rate;
  }
}
