import { defineConfig } from 'drizzle-kit';

// drizzle-kit only compares the tables with drizzle/meta here: it never meets a database.
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/tables/*.ts',
  out: './drizzle',
});
