import { request } from 'node:http';
import { SECOND } from '../kernel/duration.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from '../settings/table.ts';
import { command } from './command.ts';
import { flag } from './parameters.ts';

/** Shorter than the 3 s that the image's HEALTHCHECK waits. */
const TIMEOUT = 2 * SECOND;

/** If HOST is every address, loopback is asked, in either family. */
const EVERYWHERE: readonly string[] = ['::', '0.0.0.0'];
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

export const healthCommand = command({
  name: 'health',
  summary:
    'ask the server on this machine whether it is running, as a container’s health check does',
  details: 'It reads HOST and PORT and no other setting.',
  parameters: {
    ready: flag('also ask whether the server can serve requests: database and migrations'),
  },
  exitCodes: { 1: 'the server does not answer, or is not live or ready' },
  async run({ ready }, terminal) {
    const env = terminal.environment();
    const host = env['HOST'] || DEFAULT_HOST;
    const port = Number(env['PORT'] || DEFAULT_PORT);
    const path = ready ? '/health/ready' : '/health/live';
    const status = await firstAnswer(EVERYWHERE.includes(host) ? LOOPBACK : [host], port, path);
    const state = ready ? 'ready' : 'live';
    if (status !== 200) throw new Error(`The server is not ${state}.`);
    return { rows: [{ state }], lines: [`The server is ${state}.`] };
  },
});

/** @returns the status of the first address that answers; null if none does */
async function firstAnswer(
  hosts: readonly string[],
  port: number,
  path: string,
): Promise<number | null> {
  for (const host of hosts) {
    const status = await ask(host, port, path);
    if (status !== null) return status;
  }
  return null;
}

function ask(host: string, port: number, path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path, timeout: TIMEOUT }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(null));
    asked.end();
  });
}
