import type { Log } from '../kernel/ports.ts';
import type { OperationContext } from './context.ts';

/**
 * One line a request: what was asked for by name, what it came to, who asked, how long it took.
 * Never a variable, a document, a header or a query string (LO-2, PR-10).
 */
export function logRequest(
  log: Log,
  request: Pick<OperationContext, 'client' | 'observed'> & {
    readonly method: string;
    /** The route's own path; null for one that does not exist: its text is the caller's. */
    readonly path: string | null;
    readonly status: number;
    readonly milliseconds: number;
  },
): void {
  const { operation, outcomes, userId } = request.observed;
  const fields: Record<string, unknown> = {
    requestId: request.client.requestId,
    method: request.method,
    path: request.path,
    status: request.status,
    durationMs: Math.round(request.milliseconds * 10) / 10,
  };
  if (operation !== null) fields['operation'] = operation;
  if (outcomes.length > 0)
    fields['outcome'] = outcomes.map(({ field, outcome }) => `${field}:${outcome}`).join(' ');
  if (userId !== null) fields['userId'] = userId;
  const isProbe = request.path?.startsWith('/health/') ?? false;
  if (isProbe) log.debug(fields, 'request');
  else log.info(fields, 'request');
}
