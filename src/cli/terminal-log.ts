import type { Log } from '../kernel/ports.ts';
import type { CommandTerminal } from './command.ts';

/**
 * A log for commands: warnings and errors go to standard error, each as its event with its plain
 * fields. Commands report their own work themselves, so that the quieter levels are silent.
 */
export function terminalLog(terminal: Pick<CommandTerminal, 'err'>): Log {
  const silent = () => undefined;
  const print = (fields: Readonly<Record<string, unknown>>, event: string) => {
    const values = Object.entries(fields)
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
      .map(([name, value]) => `${name}: ${value}`);
    terminal.err(values.length > 0 ? `${event} (${values.join(', ')})` : event);
  };
  return { debug: silent, info: silent, warn: print, error: print };
}
