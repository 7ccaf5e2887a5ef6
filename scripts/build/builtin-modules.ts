import { builtinModules, createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);
const NAMESPACE = 'builtin-modules';
const ADDRESS = /^(?:node:)?[\w/]+$/;

/**
 * Reads from Node's own modules the names that are used, and no others.
 *
 * An import statement reads every property of such a module, to offer it by name. Some of them load more code when
 * they are read: WebSocket in node:http is undici, which no start needs, and node:crypto's webcrypto
 * and node:fs's promises are twenty files more.
 */
export function builtinNames(): Plugin {
  return {
    name: NAMESPACE,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: ADDRESS }, ({ path, kind }) => {
        const isOurs = kind === 'import-statement' && builtinModules.includes(plain(path));
        return isOurs ? { path: plain(path), namespace: NAMESPACE, sideEffects: false } : null;
      });
      onLoad({ filter: /^/, namespace: NAMESPACE }, ({ path }) => ({ contents: facade(path) }));
    },
  };
}

function plain(path: string): string {
  return path.replace(/^node:/, '');
}

/** Pure: the bundler leaves out each name that is not used. */
function facade(path: string): string {
  const names = Object.keys(require(path)).filter((name) => /^[a-z]\w*$/i.test(name));
  return [
    `const all = process.getBuiltinModule('node:${path}');`,
    'const read = (name) => all[name];',
    ...names
      .filter((name) => name !== 'default')
      .map((name) => `const $${name} = /* @__PURE__ */ read('${name}');`),
    `export { ${names.map((name) => `$${name} as ${name}`).join(', ')}, all as default };`,
  ].join('\n');
}
