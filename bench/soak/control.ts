import { createServer } from 'node:http';

/**
 * A server that does nothing, in a process of its own: when its answers get slower, the machine
 * did, and not what is measured.
 */
createServer((incoming, outgoing) => {
  incoming.resume().once('end', () => outgoing.end('{}'));
}).listen(Number(process.argv[2]), '127.0.0.1');
