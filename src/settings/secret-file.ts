import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const OTHERS = { read: 0o004, write: 0o002, enter: 0o001 } as const;

/**
 * Where Docker and Kubernetes mount the secrets of one container. The files are readable by every user,
 * because the runtime knows no user of the image. The container has no other users.
 */
const MOUNTED = '/run/secrets/';

/** Whether every user of the machine may write or read a file; null if neither. */
export function exposureOf(path: string): 'writable' | 'readable' | null {
  const file = resolve(path);
  if (!isReachable(dirname(file))) return null;
  const { mode } = statSync(file);
  if (mode & OTHERS.write) return 'writable';
  return mode & OTHERS.read && !file.startsWith(MOUNTED) ? 'readable' : null;
}

/** False if a parent directory denies access to other users. */
function isReachable(directory: string): boolean {
  const { mode } = statSync(directory);
  if (!(mode & OTHERS.enter)) return false;
  const parent = dirname(directory);
  return parent === directory || isReachable(parent);
}
