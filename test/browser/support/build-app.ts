import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built examples/react, with tokens in localStorage and in a cookie. */
    appFolders: Readonly<Record<AppMode, string>>;
  }
}

/** How the app was built to keep its refresh token. */
export type AppMode = 'cookie' | 'localStorage';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** Builds examples/react once a run, as its `npm run build` does. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-app-'));
  const build = async (mode: AppMode) => {
    const outDir = join(folder, mode);
    const vite = ['--outDir', outDir, '--logLevel', 'warn'];
    await run('npm', ['run', 'build', '--workspace', 'examples/react', '--', ...vite], {
      cwd: ROOT,
      env: { ...process.env, VITE_REFRESH_COOKIE: String(mode === 'cookie') },
    });
    return outDir;
  };
  const [cookie, localStorage] = [await build('cookie'), await build('localStorage')];
  project.provide('appFolders', { cookie, localStorage });
  return () => rm(folder, { recursive: true, force: true });
}
