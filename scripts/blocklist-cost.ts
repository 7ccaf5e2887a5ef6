/** Measures the list of common passwords: `node --expose-gc scripts/blocklist-cost.ts`. */
import { shippedBlocklist } from '../src/proofs/password/blocklist.ts';
import { isCommon } from '../src/proofs/password/common.ts';

const LOOKUPS = 100_000;

globalThis.gc?.();
const before = process.memoryUsage();
const startedAt = performance.now();
const list = shippedBlocklist();
const loaded = performance.now() - startedAt;
globalThis.gc?.();
const { arrayBuffers, heapUsed } = process.memoryUsage();
const megabytes = (arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed) / 2 ** 20;

const lookUpFrom = performance.now();
for (let index = 0; index < LOOKUPS; index += 1) isCommon(`innocent words ${index}`, list);
const microseconds = ((performance.now() - lookUpFrom) / LOOKUPS) * 1_000;

console.log(`${list.size} entries, loaded in ${loaded.toFixed(1)} ms, ${megabytes.toFixed(1)} MB`);
console.log(`${microseconds.toFixed(1)} µs to check a password`);
