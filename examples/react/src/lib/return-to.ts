/** Where a person wanted to go before they had to sign in. Outlives the way to a provider and back. */
const KEY = 'latchkey.return-to';

/** Remembers a path of this app, query included, for after the sign-in. */
export function rememberReturn(path: string): void {
  sessionStorage.setItem(KEY, path);
}

/** What was remembered, or the account page. Never leaves this app, whatever stands there. */
export function returnPath(): string {
  const path = sessionStorage.getItem(KEY) ?? '';
  return /^\/(?![/\\])/.test(path) ? path : '/account';
}

/** The person has arrived. */
export function forgetReturn(): void {
  sessionStorage.removeItem(KEY);
}
