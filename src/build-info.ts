import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The release and its sources, for `latchkey --version`, metrics and traces. */
export type BuildInfo = {
  readonly version: string;
  /** The commit, with `-dirty` if files were changed since; null if unknown. */
  readonly revision: string | null;
};

/** Defined in the bundle by scripts/build.ts, and not in the sources. */
declare const LATCHKEY_BUILD: BuildInfo | undefined;

let known: BuildInfo | null = null;

/** The running release. From sources it is read once, from package.json and git. */
export function buildInfo(): BuildInfo {
  known ??= typeof LATCHKEY_BUILD === 'undefined' ? readBuildInfo(ROOT) : LATCHKEY_BUILD;
  return known;
}

const ROOT = join(import.meta.dirname, '..');

/** The release of the sources in a folder. */
export function readBuildInfo(root: string): BuildInfo {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { version: String(version), revision: readRevision(root) };
}

/**
 * The commit of the sources. A repository is asked with git. An archive made by git has the commit in
 * revision.txt (gitattributes, export-subst).
 */
function readRevision(root: string): string | null {
  if (existsSync(join(root, '.git'))) return describe(root);
  const file = join(root, 'revision.txt');
  const written = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^[0-9a-f]{40,64}$/.test(written) ? written : null;
}

function describe(root: string): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=64', '--exclude=*'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // git is not installed, does not trust the folder's owner, or has no commit.
    return null;
  }
}
