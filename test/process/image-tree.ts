import { execFile, spawnSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');

/** What the image has under /app, with the Node that runs it. */
export type ImageTree = {
  readonly path: string;
  readonly node: string;
  remove(): Promise<void>;
};

/** The Dockerfile as its words, continued lines joined and comments left out. */
export async function readDockerfile(): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
}

/** What the RUN lines that compile ask for. */
export const hasCompiler = ['c++', 'make', 'python3'].every(
  (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0,
);

/**
 * Builds what the Dockerfile builds, stage by stage: its COPY lines, its RUN lines, and nothing that
 * anybody may write to afterwards.
 */
export async function buildImageTree(): Promise<ImageTree> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-image-'));
  const remove = async () => {
    await eachEntry(folder, (entry, isFolder) => chmod(entry, isFolder ? 0o755 : 0o644));
    await rm(folder, { recursive: true, force: true });
  };
  // As /app in each stage: what is built knows its place.
  const path = join(folder, 'app');
  try {
    await chmod(folder, 0o755);
    // Beside the tree, because a checkout may be a folder that its owner alone can read.
    const node = join(folder, 'runtime', 'node');
    await mkdir(join(folder, 'runtime'));
    await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
    await chmod(node, 0o555);
    for (const line of await readDockerfile()) await follow(line, { folder, path, node });
    await eachEntry(path, (entry, isFolder) => chmod(entry, isFolder ? 0o555 : 0o444));
    return { path, node, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

type Stage = { readonly folder: string; readonly path: string; readonly node: string };

async function follow(line: string, { folder, path, node }: Stage): Promise<void> {
  const [instruction, ...words] = line.split(' ');
  const last = words.at(-1) ?? '';
  if (instruction === 'FROM') {
    if (existsSync(path)) await rename(path, join(folder, 'build'));
    await mkdir(path);
  } else if (instruction === 'COPY' && words[0] === '--from=build') {
    const from = join(folder, 'build', relative('/app', words[1] ?? ''));
    await cp(from, join(path, last), { recursive: true });
  } else if (instruction === 'COPY') {
    for (const name of words.slice(0, -1)) {
      await cp(join(ROOT, name), join(path, name), { recursive: true });
    }
  } else if (instruction === 'RUN') {
    await execute(words, { folder, path, node });
  }
}

async function execute(words: readonly string[], { path, node }: Stage): Promise<void> {
  // Tools of the system are not this test's to install: it compiles where they are.
  if (words[0] === 'apt-get') return;
  if (words.includes('build:argon2') && !hasCompiler) return;
  const [program = '', ...args] = words;
  // The mirror of what was just installed here: no network where there is none.
  if (args[0] === 'ci') args.push('--prefer-offline');
  // Only root can make something for another user.
  if (args.includes('--user') && process.getuid?.() !== 0) args.splice(args.indexOf('--user'), 2);
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH']}` };
  await promisify(execFile)(program, args, { cwd: path, env });
}

async function eachEntry(
  folder: string,
  visit: (path: string, isFolder: boolean) => Promise<void>,
): Promise<void> {
  await visit(folder, true);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await eachEntry(path, visit);
    else if (!(await lstat(path)).isSymbolicLink()) await visit(path, false);
  }
}
