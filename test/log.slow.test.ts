import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test.each([
  ['process.exit', 'process.exit(0)'],
  ['uncaught error', 'throw new Error("the end")'],
  ['nothing left to do', ''],
])('nothing is lost when the process ends by %s', (_name, end) => {
  const module = JSON.stringify(new URL('../src/observability/log.ts', import.meta.url).href);
  const script = `
    const { createLog } = await import(${module});
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    for (let line = 1; line <= 200; line += 1) log.info({ line }, 'said');
    ${end}`;
  const args = ['--input-type=module', '-e', script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)['line']);
  expect(said).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});
