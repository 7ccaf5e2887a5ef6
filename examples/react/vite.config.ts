import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where Latchkey listens. Its GraphQL endpoint is passed on, so the page needs no CORS. */
const { LATCHKEY_URL = 'http://localhost:4000' } = process.env;

/** Inside Latchkey's repository the packages are used from their sources. A copy of this app can leave it out. */
const isInRepository = existsSync(fileURLToPath(new URL('../../react/src', import.meta.url)));

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, strictPort: true, proxy: { '/graphql': LATCHKEY_URL } },
  preview: { port: 5173, strictPort: true },
  ...(isInRepository && {
    resolve: { conditions: ['@latchkey/source', ...defaultClientConditions] },
  }),
});
