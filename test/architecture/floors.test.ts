import { expect, test } from 'vitest';
import { ownImports, roomOf, type SourceFile, sourceFiles } from './sources.ts';

/**
 * The floors, lowest first. A file imports its own room or a lower floor; rooms on one floor do
 * not import each other. `journeys/*` and `proofs/*` are a room each.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['kernel'],
  ['settings', 'db'],
  ['config.ts', 'build-info.ts'],
  ['deps.ts'],
  ['graphql'],
  [
    'user',
    'identity',
    'role',
    'registration',
    'invitation',
    'impersonation',
    'audit',
    'rate-limit',
    'mail',
  ],
  ['proofs/*', 'access-token', 'hash-queue'],
  ['access-ledger', 'administrator'],
  ['session', 'email-verification', 'second-factor'],
  ['sign-in-gate', 'proven-address', 'credential-change', 'statistics'],
  ['account'],
  ['journeys/*', 'admin'],
  ['graphql-engine', 'retention'],
  ['http'],
  ['observability'],
  ['app.ts', 'cli', 'workers.ts'],
  ['run-server.ts'],
  ['main.ts', 'cli.ts'],
];

function floorOf(room: string): number {
  const wing = room.replace(/\/.*/, '/*');
  return FLOORS.findIndex((rooms) => rooms.includes(room) || rooms.includes(wing));
}

function wrongImports(file: SourceFile): readonly string[] {
  const room = roomOf(file.path);
  return ownImports(file)
    .filter((to) => roomOf(to) !== room && floorOf(roomOf(to)) >= floorOf(room))
    .map((to) => `${file.path} imports ${to}`);
}

test('every file stands on a floor', () => {
  const homeless = sourceFiles().filter(({ path }) => floorOf(roomOf(path)) < 0);
  expect(homeless.map(({ path }) => path)).toEqual([]);
});

test('a file imports its own room or a lower floor', () => {
  expect(sourceFiles().flatMap(wrongImports)).toEqual([]);
});

test('the rule sees what it forbids: up, sideways, types and dynamic imports', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text, lines: 1 });
  const wrong = [
    file('kernel/a.ts', "import type { User } from '../user/store.ts';"),
    file('journeys/sign-in/a.ts', "import {\n  b,\n} from '../sign-up/b.ts';"),
    file('proofs/password/a.ts', "export { b } from '../totp/b.ts';"),
    file('session/a.ts', "const { b } = await import('../http/b.ts');"),
    file('http/a.ts', "import '../app.ts';"),
    file('user/a.ts', "import { b } from '../audit/b.ts';"),
  ];
  expect(wrong.flatMap(wrongImports)).toHaveLength(wrong.length);
  const right = [
    file('journeys/sign-in/a.ts', "import { b } from './b.ts';"),
    file('http/a.ts', "import { b } from '../journeys/sign-up/b.ts';"),
    file('app.ts', "import { b } from './http/b.ts';"),
  ];
  expect(right.flatMap(wrongImports)).toEqual([]);
});

test('process.env stands in config.ts alone', () => {
  const environment =
    /\bprocess\s*(?:\.\s*env\b|\[)|\benv\b[^;]*}\s*=\s*process\b|import\.meta\.env/;
  const readers = sourceFiles().filter(({ text }) => environment.test(withoutComments(text)));
  expect(readers.map(({ path }) => path)).toEqual(['config.ts']);
});

/** Only the front doors end the process: elsewhere an exit would skip the drain. */
test('only main.ts exits', () => {
  const exits = /\bprocess\s*\.\s*(?:exit|abort|kill)\b/;
  const files = sourceFiles().filter(({ text }) => exits.test(withoutComments(text)));
  expect(files.map(({ path }) => path)).toEqual(['main.ts']);
});

test('SC-7: src runs no text as code, and starts no process but git for the revision', () => {
  const runs = /\beval\s*\(|\bFunction\s*\(|['"](?:node:)?(?:child_process|vm)['"]/;
  const files = sourceFiles().filter(({ text }) => runs.test(withoutComments(text)));
  expect(files.map(({ path }) => path)).toEqual(['build-info.ts']);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
