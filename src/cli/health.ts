import { request } from 'node:http';
import { SECOND } from '../kernel/duration.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from '../settings/table.ts';
import { command } from './command.ts';
import { flag } from './parameters.ts';

/** Shorter than the 3 s that the image's HEALTHCHECK waits. */
const PATIENCE = 2 * SECOND;

/** Every address: asked at loopback, of whichever family there is. */
const EVERYWHERE: readonly string[] = ['::', '0.0.0.0'];
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

export const healthCommand = command({
  name: 'health',
  summary: 'ask the server on this machine whether it runs, as a container’s health check does',
  details: 'It reads HOST and PORT and no other setting.',
  parameters: {
    ready: flag('ask whether it can serve requests, too: the database, the migrations'),
  },
  exitCodes: { 1: 'it does not answer, or says no' },
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

/** @returns the status of the first address that answers; null when none does */
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
    const asked = request({ host, port, path, timeout: PATIENCE }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(null));
    asked.end();
  });
}
