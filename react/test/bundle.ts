import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type * as React from 'react';
import type * as Server from 'react-dom/server';
import type * as Package from '../src/index.ts';
import type { createQueries, keyOf } from '../src/lib/queries.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The components with one version of React, as Node can load them. */
export type Components = typeof Package & {
  readonly createElement: typeof React.createElement;
  readonly version: string;
  readonly renderToString: typeof Server.renderToString;
  readonly createQueries: typeof createQueries;
  readonly keyOf: typeof keyOf;
};

/**
 * Compiles the components from their sources, because Node does not read JSX.
 *
 * @param from a file beside the React to use
 */
export async function loadComponents(
  from: string = join(ROOT, 'react/package.json'),
): Promise<{ readonly components: Components; readonly remove: () => Promise<void> }> {
  const { resolve } = createRequire(from);
  await mkdir(join(ROOT, '.data'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, '.data', 'components-'));
  const outfile = join(folder, 'components.mjs');
  await build({
    stdin: {
      contents: `export * from './index.ts';
        export { createQueries, keyOf } from './lib/queries.ts';
        export { createElement, version } from 'react';
        export { renderToString } from 'react-dom/server';`,
      resolveDir: join(ROOT, 'react/src'),
      loader: 'ts',
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    conditions: ['@latchkey/source'],
    alias: {
      'react/jsx-runtime': resolve('react/jsx-runtime'),
      'react-dom/server': resolve('react-dom/server'),
      react: resolve('react'),
    },
    // React's server build is CommonJS and requires Node's own modules.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    },
  });
  const components: Components = await import(pathToFileURL(outfile).href);
  return { components, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Renders the page of an address, as a frontend's server does. */
export function render(
  { createElement, renderToString, ...components }: Components,
  pathname: string,
  search = '',
): string {
  const { LatchkeyProvider, LatchkeyPages, Frame } = components;
  const navigation = { location: { pathname, search }, navigate: () => undefined };
  const page = createElement(Frame, null, createElement(LatchkeyPages));
  return renderToString(
    createElement(LatchkeyProvider, { endpoint: '/graphql', navigation }, page),
  );
}
