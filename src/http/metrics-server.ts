import { createServer, type Server } from 'node:http';
import type { Log } from '../kernel/ports.ts';

/** Metrics in the text of a content type. */
type Scraped = { read(): { readonly contentType: string; readonly text: string } };

/**
 * Serves /metrics on a port of its own, which listens on loopback unless METRICS_HOST says otherwise: what
 * it tells about load and outcomes is for the operator alone (HT-8). It never keeps the process alive.
 */
export function createMetricsServer(metrics: Scraped, log: Log): Server {
  const server = createServer((incoming, outgoing) => {
    if (incoming.method !== 'GET' || incoming.url !== '/metrics') {
      outgoing.writeHead(404).end();
      return;
    }
    try {
      const { contentType, text } = metrics.read();
      outgoing.writeHead(200, { 'content-type': contentType }).end(text);
    } catch (error) {
      log.error({ err: error }, 'metrics collection failed');
      outgoing.writeHead(500).end();
    }
  });
  return server.unref();
}
