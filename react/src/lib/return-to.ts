import type { Paths } from '../paths.ts';

/** Where the person wanted to go before signing in. It survives the way to a provider and back. */
const KEY = 'latchkey.return-to';

/** Stores a path of this app, including its query, for after the sign-in. */
export function rememberReturn(path: string): void {
  try {
    sessionStorage.setItem(KEY, path);
  } catch {
    // The storage is full or throws. The person then goes where everybody goes.
  }
}

/** The stored path, or `afterSignIn`. It never leads out of this app, whatever the storage contains. */
export function returnPath(paths: Paths): string {
  const path = read() ?? '';
  return isOwnPath(path) ? path : paths.afterSignIn;
}

/** Deletes the stored path after the person has arrived. */
export function forgetReturn(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // A storage that throws has kept nothing.
  }
}

/** True for a path of this app. `//host` and `/\host` lead to another host. */
export function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
