import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which release this is, and from which sources: for `latchkey --version`, metrics and traces. */
export type BuildInfo = {
  readonly version: string;
  /** The commit, followed by `-dirty` where files were changed since; null where nobody knows. */
  readonly revision: string | null;
};

/** Put into the bundle by scripts/build.ts; the sources have none. */
declare const LATCHKEY_BUILD: BuildInfo | undefined;

let known: BuildInfo | null = null;

/** What is running. The sources look once: at package.json, and at git. */
export function buildInfo(): BuildInfo {
  known ??= typeof LATCHKEY_BUILD === 'undefined' ? readBuildInfo(ROOT) : LATCHKEY_BUILD;
  return known;
}

const ROOT = join(import.meta.dirname, '..');

/** The same of the sources in a folder. */
export function readBuildInfo(root: string): BuildInfo {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { version: String(version), revision: readRevision(root) };
}

/**
 * The commit of the sources: of a repository what git says, of an archive that git made what it wrote
 * into revision.txt (gitattributes, export-subst).
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
    // There is no git here, it does not trust the folder's owner, or nothing was committed.
    return null;
  }
}
