import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where Latchkey listens. Its GraphQL endpoint is passed on, so the page needs no CORS. */
const { LATCHKEY_URL = 'http://localhost:4000' } = process.env;

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, strictPort: true, proxy: { '/graphql': LATCHKEY_URL } },
  preview: { port: 5173, strictPort: true },
  // Inside this repository @latchkey/client is used from its sources; outside, leave this out.
  resolve: { conditions: ['@latchkey/source', ...defaultClientConditions] },
});
