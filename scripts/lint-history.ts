import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * SC-6 for the past: runs secretlint on every version of every file that was ever committed, not only on the
 * current tree. It takes minutes, so it is a command of its own:
 *
 *     npm run lint:history
 */
const MOST = 1024 ** 3;
const git = (...words: readonly string[]) =>
  execFileSync('git', words, { encoding: 'utf8', maxBuffer: MOST });

const folder = mkdtempSync(join(tmpdir(), 'latchkey-history-'));
try {
  const objects = git('rev-list', '--objects', '--all')
    .split('\n')
    .map((line) => ({ id: line.slice(0, 40), path: line.slice(41) }))
    .filter(({ path }) => path !== '');
  const kinds = execFileSync('git', ['cat-file', '--batch-check=%(objecttype)'], {
    input: objects.map(({ id }) => id).join('\n'),
    encoding: 'utf8',
    maxBuffer: MOST,
  }).split('\n');
  const blobs = objects.filter((_, index) => kinds[index] === 'blob');
  for (const { id, path } of blobs) {
    const text = execFileSync('git', ['cat-file', 'blob', id], { maxBuffer: MOST });
    writeFileSync(join(folder, `${id}-${basename(path)}`), text);
  }
  const config = join(import.meta.dirname, '..', '.secretlintrc.json');
  const { status } = spawnSync('secretlint', ['--secretlintrc', config, `${folder}/*`], {
    stdio: 'inherit',
    env: process.env,
  });
  console.log(`${blobs.length} versions of files read, ${status === 0 ? 'no' : 'some'} findings`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
