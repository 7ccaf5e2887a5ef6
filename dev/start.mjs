// `npm start`. JavaScript, because it speaks to a Node.js that cannot read TypeScript.

const OLDEST = 24;
const { node } = process.versions;

if (Number.parseInt(node, 10) < OLDEST) {
  console.error(
    `Latchkey needs Node.js ${OLDEST} or later, and this is ${node}: the one that npm brings along is not installed, because ignore-scripts is on or npm ci was not run. Run "npm ci && npm rebuild node --ignore-scripts=false", or use a newer Node.js.`,
  );
  process.exit(1);
}

await import('./start.ts');
