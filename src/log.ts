import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { DatabaseError } from './db/errors.ts';
import { inSourceLines } from './kernel/stack-trace.ts';
import { createLogOutput } from './log-output.ts';

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
 */
function errorFields(error: unknown, depth = 1): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) {
    return { name: typeof error, ...(typeof error === 'string' && { message: error }) };
  }
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error instanceof DatabaseError && { statement: error.statement }),
    stack: stack === undefined ? stack : inSourceLines(stack),
    ...(cause !== undefined && depth < DEEPEST && { cause: errorFields(cause, depth + 1) }),
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
