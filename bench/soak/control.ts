import { createServer } from 'node:http';

/**
 * A server that does nothing, in a process of its own. If its responses become slower, the machine became
 * slower, and not the measured server.
 */
createServer((incoming, outgoing) => {
  incoming.resume().once('end', () => outgoing.end('{}'));
}).listen(Number(process.argv[2]), '127.0.0.1');
