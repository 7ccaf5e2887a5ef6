import type { RequestObserver } from '../http/observed-request.ts';
import type { Log } from '../kernel/ports.ts';

/**
 * Writes one line for each request: the operation by its name, the outcomes, the person and the
 * duration. Never a variable, a document, a header or a query string (LO-2, PR-10).
 */
export function createRequestLog(log: Log): RequestObserver {
  return {
    observe({ requestId, method, path, status, milliseconds, operation, outcomes, userId }) {
      const fields = {
        requestId,
        method,
        path,
        status,
        durationMs: Math.round(milliseconds * 10) / 10,
        ...(operation !== null && { operation }),
        ...(outcomes.length > 0 && {
          outcome: outcomes.map(({ field, outcome }) => `${field}:${outcome}`).join(' '),
        }),
        ...(userId !== null && { userId }),
      };
      const isProbe = path?.startsWith('/health/') ?? false;
      if (isProbe) log.debug(fields, 'request');
      else log.info(fields, 'request');
    },
  };
}
