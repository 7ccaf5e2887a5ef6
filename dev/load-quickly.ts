import { enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Preloaded into the server by the launcher (node --import): half of a start from the sources is
 * finding and compiling what the start before has found and compiled.
 *
 * To learn whether a file is a module, Node (26.10) asks for its package's package.json, and makes
 * strings of all of it each time. drizzle-orm's is 179 kB, and asked for some 400 times. Its
 * package.json says `"type": "module"`: what its files import from each other is one.
 */
const DRIZZLE = '/node_modules/drizzle-orm/';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL } = context;
    const isOwn = specifier.startsWith('.') && specifier.endsWith('.js');
    if (!isOwn || !parentURL?.includes(DRIZZLE)) return nextResolve(specifier, context);
    return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
  },
});

enableCompileCache(fileURLToPath(new URL('../.data/compile-cache', import.meta.url)));
