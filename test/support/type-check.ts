import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder inside the project that git ignores, so that its files find the project's packages. */
export type Workbench = {
  readonly folder: string;
  write(name: string, text: string): Promise<void>;
  /** What the compiler says of the folder, with the project's options; empty when nothing. */
  compile(): Promise<string>;
  remove(): Promise<void>;
};

/** @param compilerOptions besides the project's own */
export async function createWorkbench(compilerOptions: object = {}): Promise<Workbench> {
  await mkdir(join(ROOT, '.data'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, '.data', 'workbench-'));
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  await write(
    'tsconfig.json',
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['**/*.ts'] }),
  );
  return {
    folder,
    write,
    compile: async () => {
      const run = promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]);
      return run.then(
        ({ stdout }) => stdout,
        (error: { readonly stdout?: string }) => error.stdout ?? String(error),
      );
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
