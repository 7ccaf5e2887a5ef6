import { runServer } from './run-server.ts';

/** The entry point of production. `npm start` has its own, with the pages of development. */
await runServer({ exit: (code) => process.exit(code), developmentPages: null });
