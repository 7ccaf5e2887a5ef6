import { once } from 'node:events';

/** Sends one command of the Chrome DevTools Protocol. @throws what the protocol answers with */
export type Command = (
  method: string,
  params?: object,
) => Promise<Readonly<Record<string, unknown>>>;

/** Queries a process through Node's inspector, so that it needs no flag that production lacks. */
export async function withInspector<T>(
  port: number,
  work: (command: Command) => Promise<T>,
): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await response.json()) as readonly { webSocketDebuggerUrl: string }[];
  if (!target) throw new Error('The process has no inspector.');
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, 'open');
  let last = 0;
  const command: Command = (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      const id = last;
      const hear = (event: MessageEvent) => {
        const answer = JSON.parse(String(event.data));
        if (answer.id !== id) return;
        socket.removeEventListener('message', hear);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      };
      socket.addEventListener('message', hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    return await work(command);
  } finally {
    socket.close();
  }
}

/** The heap in use after a full collection, in MiB. */
export function heapAfterCollection(port: number): Promise<number> {
  return withInspector(port, async (command) => {
    await command('HeapProfiler.collectGarbage');
    const usage = await command('Runtime.getHeapUsage');
    return Number(usage['usedSize']) / 2 ** 20;
  });
}
