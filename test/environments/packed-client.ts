import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('../../client', import.meta.url));
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** Installs the client into a folder, as npm would from a registry. */
export async function installPackedClient(folder: string): Promise<void> {
  const installed = join(folder, 'node_modules/@latchkey/client');
  await mkdir(installed, { recursive: true });
  await run('npm', ['pack', '--pack-destination', folder], { cwd: CLIENT });
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error('npm has packed nothing.');
  await run('tar', ['-xzf', join(folder, archive), '-C', installed, '--strip-components', '1']);
}

/**
 * One module of the worker and the client that is installed in the folder.
 *
 * @param urls of the servers that the worker asks
 */
export async function bundleWorker(
  folder: string,
  urls: { readonly server: string; readonly cookieServer: string },
): Promise<string> {
  const outfile = join(folder, 'worker.mjs');
  await build({
    stdin: { contents: await readFile(WORKER, 'utf8'), resolveDir: folder, loader: 'ts' },
    bundle: true,
    format: 'esm',
    // A module of Node's would not resolve.
    platform: 'neutral',
    define: {
      ENDPOINT: JSON.stringify(`${urls.server}/graphql`),
      COOKIE_ENDPOINT: JSON.stringify(`${urls.cookieServer}/graphql`),
    },
    outfile,
  });
  return outfile;
}
