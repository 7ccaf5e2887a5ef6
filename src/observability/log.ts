import { type DestinationStream, destination, type Logger, pino, symbols } from 'pino';
import type { Config } from '../config.ts';
import { DatabaseError } from '../db/errors.ts';
import { errorCode, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';
import { inSourceLines } from '../kernel/stack-trace.ts';

/**
 * Creates the log: JSON lines in production, readable text in development. pino escapes values, so
 * that no value can start a line of its own (LO-3).
 */
export async function createLog(config: Pick<Config, 'mode' | 'logLevel'>): Promise<Logger> {
  const options = {
    level: config.logLevel,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => errorFields(error) },
  };
  const pretty = config.mode === 'production' ? null : await prettyPrinter();
  if (!pretty) return pino(options, createLogOutput());
  return pino(options, pretty({ sync: true, ignore: 'requestId', translateTime: 'SYS:HH:MM:ss' }));
}

/** How many causes of an error are logged: a cause may be the error itself. */
const DEEPEST = 5;

/**
 * The fields of an error: these members and no others. Libraries attach to their errors the request
 * they were working on, which may hold a password or a client secret (LO-2).
 *
 * An unavailable service is logged by its code and the statement that was sent. The stack is left
 * out: it is the same for every request of an outage, and an outage has thousands.
 */
function errorFields(
  error: unknown,
  depth = 1,
  isBeneath = false,
): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) {
    return { name: typeof error, ...(typeof error === 'string' && { message: error }) };
  }
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  const isOutside = isBeneath || (error instanceof ServiceUnavailableError && cause !== undefined);
  return {
    name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error instanceof DatabaseError && { statement: error.statement }),
    ...(stack !== undefined && !isOutside && { stack: inSourceLines(stack) }),
    ...(cause !== undefined &&
      depth < DEEPEST && { cause: errorFields(cause, depth + 1, isOutside) }),
  };
}

/** pino-pretty is a development dependency. If it is not installed, lines stay JSON. */
async function prettyPrinter() {
  try {
    return (await import('pino-pretty')).default;
  } catch (error) {
    if (errorCode(error) === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * The most bytes of a page: PIPE_BUF of Linux. Several workers write to one pipe, and only a write
 * of at most PIPE_BUF bytes arrives in one piece (LO-3; pipe(7)).
 */
const PAGE = 4096;

/** The longest that a line waits, in milliseconds. */
const PATIENCE = 50;

/** pino's `info`: lines up to this level can wait. */
const URGENT_ABOVE = 30;

/** The destination of pino's lines. pino sets `lastLevel` before it writes a line. */
export type LogOutput = DestinationStream & {
  readonly [symbols.needsMetadataGsym]: true;
  lastLevel: number;
};

/**
 * Writes log lines in pages, because a system call for each request's line is a large part of the cost of a
 * small request (ADR-0021). A warning or an error is written at once, together with the lines before it. All
 * lines are written when the process ends. A crash (SIGKILL, loss of power) may lose the last 50 ms of `info`
 * lines. Events that must not be lost are in the audit log (LO-1).
 *
 * @param out standard output if omitted
 */
export function createLogOutput(out: DestinationStream = destination({ sync: true })): LogOutput {
  let page = '';
  let bytes = 0;
  let timer: NodeJS.Timeout | null = null;
  const write = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    const lines = page;
    page = '';
    bytes = 0;
    if (lines !== '') out.write(lines);
  };
  process.on('exit', write);
  return {
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line) {
      const length = Buffer.byteLength(line);
      if (bytes + length > PAGE) write();
      page += line;
      bytes += length;
      if (this.lastLevel > URGENT_ABOVE || bytes >= PAGE) write();
      else timer ??= setTimeout(write, PATIENCE);
    },
  };
}

/** The same log; each line names the trace that it was written in, so that one leads to the other. */
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
