/** Fails if a package-lock.json would let `npm ci` install something unverified: `npm run lint:lockfile`. */
import { readFileSync } from 'node:fs';
import { type Lockfile, lockfileFaults } from './lockfile/faults.ts';

/** The project's own, and those of what is installed for one command alone. */
const FOLDERS = ['.', 'bench/peers', 'test/environments'];

for (const folder of FOLDERS) {
  const lockfile: Lockfile = JSON.parse(
    readFileSync(new URL(`../${folder}/package-lock.json`, import.meta.url), 'utf8'),
  );
  const faults = lockfileFaults(lockfile);
  for (const fault of faults) console.error(`${folder}: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  else
    console.log(`${Object.keys(lockfile.packages).length} packages: registry alone, all hashed.`);
}
