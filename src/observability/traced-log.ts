import type { Log } from '../kernel/ports.ts';

/** The same log, whose lines name the trace they were written in: from a line to its trace and back. */
export function tracedLog(log: Log, traceId: () => string | null): Log {
  const within = (fields: Readonly<Record<string, unknown>>) => {
    const id = traceId();
    return id === null ? fields : { ...fields, traceId: id };
  };
  return {
    debug: (fields, message) => log.debug(within(fields), message),
    info: (fields, message) => log.info(within(fields), message),
    warn: (fields, message) => log.warn(within(fields), message),
    error: (fields, message) => log.error(within(fields), message),
  };
}
