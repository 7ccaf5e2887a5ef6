import { randomBytes } from 'node:crypto';
import { createApp } from '../../../src/app.ts';
import { loadConfig, readEnvironment } from '../../../src/config.ts';
import { createHttpServer } from '../../../src/http/http-server.ts';
import { createLog } from '../../../src/observability/log.ts';

/**
 * The server on dependencies that throw, as a process of its own: SIGUSR2 turns them bad and good
 * again. They are handed to createApp; main.ts has no way to ask for them.
 */
const THROWN: readonly (() => unknown)[] = [
  () => new TypeError('Cannot read properties of undefined'),
  () => undefined,
  () => 'a text',
  () => Object.assign(new Error('detail'), { code: 'EWEIRD' }),
];
let isBad = false;
let calls = 0;

/** A resolver's call has a journey below it, far down. */
Error.stackTraceLimit = 50;

function orThrow<T>(value: () => T): T {
  calls += 1;
  const inResolver = isBad && new Error().stack?.includes('/src/journeys/');
  if (inResolver && Math.random() < 0.5) throw THROWN[calls % THROWN.length]?.();
  return value();
}

const config = loadConfig(readEnvironment());
const log = await createLog(config);
const app = await createApp(config, log, {
  clock: { now: () => orThrow(() => new Date()) },
  random: { bytes: (length) => orThrow(() => randomBytes(length)) },
});
process.on('SIGUSR2', () => {
  isBad = !isBad;
});
createHttpServer(app, config, log).listen(config.port, config.host);
