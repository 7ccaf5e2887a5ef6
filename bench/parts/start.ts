import { parseArgs } from 'node:util';
import { migrate, startLatchkey } from '../contenders/latchkey.ts';
import { startBenchPostgres } from '../lib/database.ts';
import { stepAside } from '../lib/machine.ts';
import { median } from '../lib/statistics.ts';

/**
 * Measures the start of the process up to the first response, on a migrated database: wall time, processor
 * time, memory. `node bench/parts/start.ts [--starts 10]`, after `npm run build`
 */

const { values } = parseArgs({ options: { starts: { type: 'string', default: '10' } } });
const STARTS = Number(values.starts);

const VARIANTS = [
  { name: 'sources', from: 'sources', flags: [] },
  { name: 'bundle', from: 'bundle', flags: [] },
  { name: 'bundle, Node’s source maps', from: 'bundle', flags: ['--enable-source-maps'] },
] as const;

stepAside();
const postgres = await startBenchPostgres();
try {
  const url = await postgres.create('start');
  await migrate(url);
  const measured = VARIANTS.map((variant) => ({
    ...variant,
    wall: [] as number[],
    cpu: [] as number[],
    memory: [] as number[],
  }));
  for (let start = 0; start < STARTS; start += 1) {
    for (const variant of measured) {
      const { program } = await startLatchkey(url, variant);
      variant.wall.push(program.startMs);
      variant.cpu.push(program.cpuMs() ?? Number.NaN);
      variant.memory.push(program.memory()?.now ?? Number.NaN);
      await program.stop();
    }
  }
  for (const { name, wall, cpu, memory } of measured) {
    const spread = `${Math.round(Math.min(...wall))} to ${Math.round(Math.max(...wall))}`;
    console.log(
      `${name}: ${Math.round(median(wall))} ms (${spread}), ` +
        `${median(cpu)} ms CPU, ${median(memory)} MiB`,
    );
  }
} finally {
  await postgres.stop();
}
