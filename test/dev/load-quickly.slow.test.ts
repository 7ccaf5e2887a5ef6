import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const DEV = join(import.meta.dirname, '../../dev');

/** Preloaded before: hooks run last first, so it is asked what the other did not answer. */
const WITNESS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  globalThis.asked = [];
  registerHooks({
    resolve(specifier, context, next) {
      if (context.parentURL?.includes('/drizzle-orm/')) asked.push(specifier);
      return next(specifier, context);
    },
  });
`)}`;

const LOAD = `
  const { PgDialect } = await import('drizzle-orm/pg-core');
  console.log(JSON.stringify({
    dialect: typeof PgDialect,
    own: asked.filter((one) => one.startsWith('.')).length,
    cached: typeof module.getCompileCacheDir() === 'string',
  }));
`;

test('finds drizzle-orm’s files without its package.json, and keeps what was compiled', async () => {
  expect(await load('load-quickly.ts')).toEqual({ dialect: 'function', own: 0, cached: true });
});

test('the same files load without it, some hundred of them by way of the package.json', async () => {
  const { own, ...rest } = await load('stop-with-launcher.ts');
  expect(rest).toEqual({ dialect: 'function', cached: false });
  expect(own).toBeGreaterThan(100);
});

async function load(preloaded: string) {
  const { stdout } = await run(
    process.execPath,
    [
      '--import',
      WITNESS,
      '--import',
      join(DEV, preloaded),
      '--input-type=module',
      '-e',
      `import module from 'node:module'; ${LOAD}`,
    ],
    { cwd: join(DEV, '..'), env: {} },
  );
  const reported: { readonly dialect: string; readonly own: number; readonly cached: boolean } =
    JSON.parse(stdout);
  return reported;
}
