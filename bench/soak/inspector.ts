import { once } from 'node:events';

/**
 * The heap in use after a full collection, in MiB: what is really held. Asked through Node's own
 * inspector, so that the server needs no switch that production does without.
 */
export async function heapAfterCollection(inspectorPort: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`);
  const [target] = (await response.json()) as readonly { webSocketDebuggerUrl: string }[];
  if (!target) throw new Error('The server has no inspector.');
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, 'open');
  try {
    await command(socket, 1, 'HeapProfiler.collectGarbage');
    const usage = await command(socket, 2, 'Runtime.getHeapUsage');
    return Number(usage['usedSize']) / 2 ** 20;
  } finally {
    socket.close();
  }
}

function command(
  socket: WebSocket,
  id: number,
  method: string,
): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const hear = (event: MessageEvent) => {
      const answer = JSON.parse(String(event.data));
      if (answer.id !== id) return;
      socket.removeEventListener('message', hear);
      if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
      else resolve(answer.result);
    };
    socket.addEventListener('message', hear);
    socket.send(JSON.stringify({ id, method }));
  });
}
