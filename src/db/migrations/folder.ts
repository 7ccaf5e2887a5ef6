import { fileURLToPath } from 'node:url';

/** Where this version's migrations lie. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../drizzle', import.meta.url));
