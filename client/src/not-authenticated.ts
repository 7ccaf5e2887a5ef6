/**
 * True when an answer says that the token was not taken: as a member of a mutation's union, or as
 * a top-level error, or as a viewer who is nobody. A revoked session is met here first. Of use only
 * for a request that carried a token.
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
