import type { Log } from '../kernel/ports.ts';
import type { CommandTerminal } from './command.ts';

/** The commands report what they did themselves; what they had to wait for goes here. */
export function terminalLog(terminal: Pick<CommandTerminal, 'err'>): Log {
  const silent = () => undefined;
  const say = (_fields: unknown, message: string) => terminal.err(message);
  return { debug: silent, info: silent, warn: say, error: say };
}
