import type { ExecutionResult } from 'graphql';
import type { Log } from '../kernel/ports.ts';
import { isFault, maskError } from './mask-error.ts';

/**
 * Words a result whose errors are faults and nothing else, as Yoga would: while the database is
 * away every answer is one, and there are more of them than ever (RR-8, ADR-0012). Null
 * leaves the result to Yoga, untouched and not logged: an error of GraphQL's own making is among
 * its errors, whose status depends on what the client accepts.
 */
export function wordFaults(
  { data, errors = [] }: ExecutionResult,
  options: { readonly log: Log; readonly requestId: string },
): { readonly status: number; readonly body: string } | null {
  if (!errors.every(isFault)) return null;
  let status = 200;
  const told = errors.map((error) => {
    const masked = maskError(error, { ...options, asksForJson: false });
    const { extensions, ...rest } = masked.toJSON();
    const { http, ...shown } = extensions ?? {};
    status = Math.max(status, statusOf(http));
    return { ...rest, extensions: shown };
  });
  return { status, body: JSON.stringify({ ...(data !== undefined && { data }), errors: told }) };
}

function statusOf(http: unknown): number {
  const isObject = typeof http === 'object' && http !== null;
  return isObject && 'status' in http ? Number(http.status) : 0;
}
