import { parseArgs } from 'node:util';
import type { Operation } from '../contenders/contender.ts';
import { startBareServer } from '../contenders/floors.ts';
import { migrate, SECRET_KEYS, startLatchkey, withContenders } from '../contenders/latchkey.ts';
import { startBenchPostgres } from '../lib/database.ts';
import { stepAside } from '../lib/machine.ts';
import { measureRounds } from '../lib/rounds.ts';
import { seedPeople } from '../lib/seed.ts';
import { median } from '../lib/statistics.ts';

/**
 * Measures the processor time of one operation in this server's process and in the floor's, warm, in turns. On a
 * machine with other work, this is the figure to trust. After `npm run build`:
 * `node bench/parts/cost.ts [--rounds 5] [--seconds 2]`
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
  },
});
const plan = { rounds: Number(values.rounds), seconds: Number(values.seconds), warmUp: 8 };
const OPERATIONS: readonly Operation[] = ['viewer', 'refresh'];
const CONNECTIONS = 16;
const PEOPLE = 200;

stepAside();
const postgres = await startBenchPostgres();
try {
  const url = await postgres.create('cost');
  await migrate(url);
  await seedPeople(url, PEOPLE, SECRET_KEYS);
  const server = await startLatchkey(url);
  const latchkey = await withContenders(server, { connections: CONNECTIONS, people: PEOPLE });
  const floor = await startBareServer(latchkey, CONNECTIONS);
  for (const operation of OPERATIONS) {
    for (const { contenders } of [latchkey, floor])
      await contenders.find((one) => one.operation === operation)?.run(plan.warmUp);
    const results = await measureRounds(operation, [latchkey, floor], [], plan);
    for (const { contender, cpuMicroseconds, perSecond, ratios } of results) {
      console.log(
        `${operation}, ${contender}: ${Math.round(cpuMicroseconds ?? Number.NaN)} µs CPU, ` +
          `${Math.round(perSecond)} a second, ours ÷ it ${median(ratios).toFixed(2)}`,
      );
    }
  }
  await latchkey.program.stop();
  await floor.program.stop();
} finally {
  await postgres.stop();
}
