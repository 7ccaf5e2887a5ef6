/**
 * True if a response says that the server rejected the access token: with a NotAuthenticatedError in a
 * mutation's union, with a top-level error, or with `viewer: null`. A revoked session is first noticed here.
 * Only meaningful for a request that carried a token.
 */
export function saysNotAuthenticated(answer: {
  readonly data?: unknown;
  readonly errors?:
    | readonly { readonly extensions?: Readonly<Record<string, unknown>> | undefined }[]
    | undefined;
}): boolean {
  if (answer.errors?.some((error) => error.extensions?.['code'] === 'UNAUTHENTICATED')) return true;
  const { data } = answer;
  if (typeof data !== 'object' || data === null) return false;
  if ('viewer' in data && data.viewer === null) return true;
  return Object.values(data).some(
    (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      '__typename' in value &&
      value.__typename === 'NotAuthenticatedError',
  );
}
