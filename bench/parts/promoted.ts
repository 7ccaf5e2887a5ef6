import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../../dev/postgres/port.ts';
import { migrate, SECRET_KEYS, startLatchkey, withContenders } from '../contenders/latchkey.ts';
import { startBenchPostgres } from '../lib/database.ts';
import { type Command, withInspector } from '../lib/inspector.ts';
import { stepAside } from '../lib/machine.ts';
import { seedPeople } from '../lib/seed.ts';

/**
 * Finds the objects of a request that outlive the collections of young objects, by the place that made them. They
 * are dead, but only a whole collection frees them (ADR-0024). Samples the heap of a running server. After
 * `npm run build`:
 * `node bench/parts/promoted.ts [--operation viewer|refresh] [--seconds 10] [--flag=--a-flag-of-node]`
 */

const { values } = parseArgs({
  options: {
    operation: { type: 'string', default: 'viewer' },
    seconds: { type: 'string', default: '10' },
    flag: { type: 'string', multiple: true, default: [] },
  },
});
const seconds = Number(values.seconds);
const SHOWN = 40;
const WARM_UP = 10;
const PEOPLE = 200;
const CONNECTIONS = 16;
/** Bytes between two samples. */
const INTERVAL = 2048;

type Node = {
  readonly callFrame: { functionName: string; url: string; lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly Node[];
};

stepAside();
const postgres = await startBenchPostgres();
try {
  const url = await postgres.create('promoted');
  await migrate(url);
  await seedPeople(url, PEOPLE, SECRET_KEYS);
  const port = await freePort(0);
  const flags = [`--inspect=127.0.0.1:${port}`, ...values.flag];
  const server = await startLatchkey(url, { flags });
  try {
    await tellPromoted(server, port);
  } finally {
    await server.program.stop();
  }
} finally {
  await postgres.stop();
}

async function tellPromoted(
  server: Parameters<typeof withContenders>[0],
  port: number,
): Promise<void> {
  const load = { connections: CONNECTIONS, people: PEOPLE };
  const { contenders } = await withContenders(server, load);
  const contender = contenders.find(({ operation }) => operation === values.operation);
  if (!contender) throw new Error(`There is no operation ${values.operation}.`);
  await contender.run(WARM_UP);
  const { head, requests } = await withInspector(port, async (command) => {
    await startSampling(command);
    const { latencies } = await contender.run(seconds);
    return { head: await stopSampling(command), requests: latencies.length };
  });
  const sizes = new Map<string, number>();
  add(head, sizes);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  console.log(`${requests} × ${values.operation}, ${Math.round(total / requests)} bytes each`);
  for (const [name, size] of [...sizes].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN))
    console.log(`${(size / requests).toFixed(0).padStart(7)}  ${name}`);
}

async function startSampling(command: Command): Promise<void> {
  await command('HeapProfiler.enable');
  await command('HeapProfiler.startSampling', {
    samplingInterval: INTERVAL,
    includeObjectsCollectedByMajorGC: true,
  });
}

async function stopSampling(command: Command): Promise<Node> {
  const { profile } = await command('HeapProfiler.stopSampling');
  return (profile as { readonly head: Node }).head;
}

function add({ callFrame, selfSize, children }: Node, sizes: Map<string, number>): void {
  const { functionName, url, lineNumber } = callFrame;
  const name = `${functionName || '(anonymous)'} ${basename(url)}:${lineNumber + 1}`;
  sizes.set(name, (sizes.get(name) ?? 0) + selfSize);
  for (const child of children) add(child, sizes);
}
