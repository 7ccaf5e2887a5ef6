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
  if (config.mode === 'production') return pino(options);
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true, ignore: 'requestId', translateTime: 'SYS:HH:MM:ss' }));
}
