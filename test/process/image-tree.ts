import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/**
 * Builds what the Dockerfile builds: its COPY lines, its RUN lines, and nothing that anybody may
 * write to afterwards.
 */
export async function buildImageTree(): Promise<ImageTree> {
  const path = await mkdtemp(join(tmpdir(), 'latchkey-image-'));
  const remove = async () => {
    await eachEntry(path, (entry, isFolder) => chmod(entry, isFolder ? 0o755 : 0o644));
    await rm(path, { recursive: true, force: true });
  };
  try {
    const lines = await readDockerfile();
    for (const line of lines) {
      const copied = /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(' ') ?? [];
      for (const name of copied) await cp(join(ROOT, name), join(path, name), { recursive: true });
    }
    for (const line of lines) {
      const [, program, words = ''] = /^RUN (\S+) (.*)$/.exec(line) ?? [];
      // The mirror of what was just installed here: no network where there is none.
      const args = [...words.split(' '), '--prefer-offline'];
      if (program) await promisify(execFile)(program, args, { cwd: path });
    }
    // Beside the tree, because a checkout may be a folder that its owner alone can read.
    await mkdir(join(path, '.runtime'));
    const node = join(path, '.runtime', 'node');
    await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
    await eachEntry(path, (entry, isFolder) => chmod(entry, isFolder ? 0o555 : 0o444));
    await chmod(node, 0o555);
    return { path, node, remove };
  } catch (error) {
    await remove();
    throw error;
  }
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
