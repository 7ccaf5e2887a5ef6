import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const OTHERS = { read: 0o004, write: 0o002, enter: 0o001 } as const;

/**
 * Where Docker and Kubernetes put what they mount for one container alone: readable by everybody there,
 * because they know no user of the image, and nobody else is there.
 */
const MOUNTED = '/run/secrets/';

/** What every user of the machine may do with a secret's file: the worst of it. */
export function exposureOf(path: string): 'writable' | 'readable' | null {
  const file = resolve(path);
  if (!isReachable(dirname(file))) return null;
  const { mode } = statSync(file);
  if (mode & OTHERS.write) return 'writable';
  return mode & OTHERS.read && !file.startsWith(MOUNTED) ? 'readable' : null;
}

/** False if a directory on the way keeps other users out. */
function isReachable(directory: string): boolean {
  const { mode } = statSync(directory);
  if (!(mode & OTHERS.enter)) return false;
  const parent = dirname(directory);
  return parent === directory || isReachable(parent);
}
