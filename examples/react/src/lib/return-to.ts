/** Where the person wanted to go before signing in. It survives the way to a provider and back. */
const KEY = 'latchkey.return-to';

/** Stores a path of this app, including its query, for after the sign-in. */
export function rememberReturn(path: string): void {
  sessionStorage.setItem(KEY, path);
}

/** The stored path, or the account page. It never leads out of this app, whatever the storage contains. */
export function returnPath(): string {
  const path = sessionStorage.getItem(KEY) ?? '';
  return /^\/(?![/\\])/.test(path) ? path : '/account';
}

/** Deletes the stored path after the person has arrived. */
export function forgetReturn(): void {
  sessionStorage.removeItem(KEY);
}
