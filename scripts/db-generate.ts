import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `drizzle-kit generate` writes foreign keys to `"public"."users"`, whatever the schema is. If Latchkey had a schema
 * of its own beside an application with a table `users`, its keys would refer to that table. So this script removes
 * the schema from the generated keys.
 */
const FOLDER = fileURLToPath(new URL('../drizzle/', import.meta.url));

const { status } = spawnSync('drizzle-kit', ['generate', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))) {
  const text = readFileSync(FOLDER + file, 'utf8');
  const neutral = text.replaceAll('"public".', '');
  if (neutral !== text) writeFileSync(FOLDER + file, neutral);
}
process.exitCode = status ?? 1;
