import { argon2 as nodeArgon2 } from 'node:crypto';
import { createRequire } from 'node:module';
import { measure } from '../lib/worker.ts';

/**
 * Computes password hashes and nothing else, with this server's parameters.
 * `node bench/floors/hash.ts <implementation> <seconds> <at once>`, where the implementation is
 * `node:crypto`, `@node-rs/argon2`, or a folder with a build of the argon2 package.
 */

const [implementation = '', seconds = '1', concurrency = '1'] = process.argv.slice(2);
const salt = Buffer.alloc(16, 7);
const password = Buffer.from('correct horse battery staple');

const IMPLEMENTATIONS: Readonly<Record<string, () => () => Promise<unknown>>> = {
  'node:crypto': () => () =>
    new Promise((resolve, reject) => {
      const options = { message: password, nonce: salt, parallelism: 1, tagLength: 32 };
      nodeArgon2('argon2id', { ...options, memory: 19_456, passes: 2 }, (error, tag) =>
        error ? reject(error) : resolve(tag),
      );
    }),
  '@node-rs/argon2': () => {
    const { hashRaw } = createRequire(new URL('../peers/', import.meta.url))('@node-rs/argon2');
    const options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, salt };
    return () => hashRaw(password, options);
  },
};

function argon2In(folder: string): () => Promise<unknown> {
  const { argon2id, hash } = createRequire(import.meta.url)(folder);
  const options = { raw: true, type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
  return () => hash(password, { ...options, salt });
}

const derive = IMPLEMENTATIONS[implementation]?.() ?? argon2In(implementation);
await measure(derive, { seconds: Number(seconds), concurrency: Number(concurrency) });
