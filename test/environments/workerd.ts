import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** An engine that has loaded the worker. */
export type Engine = {
  readonly name: string;
  /** Asks the worker for a path of its own. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
};

/**
 * Cloudflare's engine with the worker's module in it. It reaches this machine alone.
 *
 * @param compatibilityDate what the engine behaves like
 */
export async function startWorkerd(module: string, compatibilityDate: string): Promise<Engine> {
  const { default: binary, version } = createRequire(import.meta.url)('workerd') as {
    readonly default: string;
    readonly version: string;
  };
  const configuration = join(dirname(module), `workerd-${compatibilityDate}.capnp`);
  await writeFile(
    configuration,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "${basename(module)}")],
      compatibilityDate = "${compatibilityDate}",
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  const child = spawn(binary, ['serve', '--control-fd=3', configuration], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const port = await Promise.race([portOf(child.stdio[3] as Readable), ended.then(() => null)]);
  if (port === null) throw new Error(`workerd ended instead of listening:\n${printed}`);
  return {
    name: `workerd ${version}, compatible with ${compatibilityDate}`,
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** It reports its sockets in lines of JSON. */
async function portOf(control: Readable): Promise<number | null> {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line);
    if (event === 'listen') return port;
  }
  return null;
}
