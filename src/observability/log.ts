import { type DestinationStream, destination, type Logger, pino, symbols } from 'pino';
import type { Config } from '../config.ts';
import { DatabaseError } from '../db/errors.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import { inSourceLines } from '../kernel/stack-trace.ts';

/**
 * The log: JSON lines in production, readable in development. pino escapes what it prints, so a
 * value cannot start a line of its own (LO-3).
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

/** An error's cause, its cause, and so on: no further, since a cause may be the error itself. */
const DEEPEST = 5;

/**
 * What is said of an error: these members and no others. Libraries hang onto theirs what they were
 * working on, which can be a request with its password or a client secret (LO-2).
 *
 * A service that is away says so by its code and the statement it was sent. Where in this server
 * that was noticed is the same for every request of an outage, and a thousand times in its log.
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

/** A development dependency: where only the others are installed, lines stay JSON. */
async function prettyPrinter() {
  try {
    return (await import('pino-pretty')).default;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      return null;
    }
    throw error;
  }
}

/**
 * A page's bytes at most: PIPE_BUF of Linux. Several workers write to one pipe, and only what is no
 * longer than that arrives in one piece (LO-3; pipe(7)).
 */
const PAGE = 4096;

/** The longest that a line waits, in milliseconds. */
const PATIENCE = 50;

/** `info` of pino: up to here lines tell nothing that is urgent. */
const URGENT_ABOVE = 30;

/** Where pino's lines go; it says the level of each before it writes it. */
export type LogOutput = DestinationStream & {
  readonly [symbols.needsMetadataGsym]: true;
  lastLevel: number;
};

/**
 * Lines are written a page at a time: a system call for each request's line is a good part of what a
 * small request costs (ADR-0021). A warning or an error takes what waits along at once,
 * and so does the end of the process; a crash without an end (SIGKILL, the power) may lose the last
 * 50 ms of lines that only tell what was answered. What must not be lost is in the audit log (LO-1).
 *
 * @param out standard output when left out
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
