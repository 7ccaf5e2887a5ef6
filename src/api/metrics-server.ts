import { createServer, type Server } from 'node:http';
import type { Log } from '../kernel/ports.ts';
import type { Metrics } from './metrics.ts';

/**
 * Serves /metrics on a port of its own, which listens on loopback: what it tells about load and
 * outcomes is for the operator alone (HT-8). It never keeps the process alive.
 */
export function createMetricsServer(metrics: Metrics, log: Log): Server {
  const server = createServer((incoming, outgoing) => {
    if (incoming.method !== 'GET' || incoming.url !== '/metrics') {
      outgoing.writeHead(404).end();
      return;
    }
    metrics.read().then(
      ({ contentType, text }) => outgoing.writeHead(200, { 'content-type': contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'The metrics could not be read.');
        outgoing.writeHead(500).end();
      },
    );
  });
  return server.unref();
}
