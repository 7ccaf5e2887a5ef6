import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { codeOfStep, secretText, stepOf } from '../src/proofs/totp/otp.ts';

/**
 * Compares our authenticator arithmetic with oathtool's (Debian: apt-get install oathtool) on
 * random secrets and times. Run by hand: `node scripts/oathtool-agreement.ts [trials]`.
 */
const trials = Number(process.argv[2] ?? 100);
let agreed = 0;
for (let trial = 0; trial < trials; trial += 1) {
  const secret = randomBytes(20);
  const at = new Date(randomInt(0, 4_000_000_000) * 1000);
  const now = at.toISOString().replace('T', ' ').replace(/\..*$/, ' UTC');
  const theirs = execFileSync('oathtool', ['--totp', '--base32', '--now', now, secretText(secret)]);
  const ours = codeOfStep(secret, stepOf(at));
  if (theirs.toString().trim() === ours) agreed += 1;
  else console.error(`differ at ${now}`);
}
console.log(`oathtool agrees with ${agreed} of ${trials} random secrets and times.`);
process.exitCode = agreed === trials ? 0 : 1;
