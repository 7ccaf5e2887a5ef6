import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a generated file; with `--check` on the command line it only compares. */
export function keepInStep(path: string, wanted: string, script: string): void {
  const current = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (current === wanted) {
    console.log(`${path} is up to date.`);
  } else if (process.argv.includes('--check')) {
    console.error(`${path} is out of date; run npm run ${script}.`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wanted);
    console.log(`Wrote ${path}.`);
  }
}
