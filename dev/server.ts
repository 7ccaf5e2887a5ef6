import { runServer } from '../src/run-server.ts';
import { developmentPages } from './pages/routes.ts';

/** The server as `npm start` runs it outside of production: with the pages of development. */
await runServer({ exit: (code) => process.exit(code), developmentPages });
