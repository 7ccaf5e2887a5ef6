import { type Logger, pino, stdSerializers } from 'pino';
import type { Config } from './config.ts';

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
    serializers: { err: stdSerializers.errWithCause },
  };
  const pretty = config.mode === 'production' ? null : await prettyPrinter();
  if (!pretty) return pino(options);
  return pino(options, pretty({ sync: true, ignore: 'requestId', translateTime: 'SYS:HH:MM:ss' }));
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
