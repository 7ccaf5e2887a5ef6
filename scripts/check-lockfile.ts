/** Fails when package-lock.json would let anything in unseen: `npm run lint:lockfile`. */
import { readFileSync } from 'node:fs';
import { type Lockfile, lockfileFaults } from './lockfile/faults.ts';

const lockfile: Lockfile = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
);
const faults = lockfileFaults(lockfile);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(lockfile.packages).length} packages: registry alone, all hashed.`);
