import type { Log } from '../../src/kernel/ports.ts';

const nothing = () => undefined;

/** For whom what is logged does not matter. */
export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
