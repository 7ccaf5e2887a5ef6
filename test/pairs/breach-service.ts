/**
 * Loaded into the servers before anything else: Have I Been Pwned, without the network. It knows one
 * password, and every other host is asked as ever.
 */
import { createHash } from 'node:crypto';

const SUFFIX = createHash('sha1')
  .update('latchkey breached 7Q')
  .digest('hex')
  .toUpperCase()
  .slice(5);
const { fetch } = globalThis;

globalThis.fetch = async (input, init) => {
  const isBreachCheck = new URL(String(input)).hostname === 'api.pwnedpasswords.com';
  return isBreachCheck ? new Response(`${SUFFIX}:9\n`) : await fetch(input, init);
};
