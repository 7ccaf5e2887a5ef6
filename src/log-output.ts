import { type DestinationStream, destination, symbols } from 'pino';

/** A page is written once it is this long, in characters. */
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
 * Lines are written a page at a time: a system call for each request's line is a twentieth of all
 * that `viewer` costs (docs/decisions/0029). A warning or an error takes what waits along at once,
 * and so does the end of the process; a crash without an end (SIGKILL, the power) may lose the last
 * 50 ms of lines that only tell what was answered. What must not be lost is in the audit log (LO-1).
 *
 * @param out standard output when left out
 */
export function createLogOutput(out: DestinationStream = destination({ sync: true })): LogOutput {
  let page = '';
  let timer: NodeJS.Timeout | null = null;
  const write = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    const lines = page;
    page = '';
    if (lines !== '') out.write(lines);
  };
  process.on('exit', write);
  return {
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line) {
      page += line;
      if (this.lastLevel > URGENT_ABOVE || page.length >= PAGE) write();
      else timer ??= setTimeout(write, PATIENCE);
    },
  };
}
