import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The top of the checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** One file of the server's own code. */
export type SourceFile = {
  /** From src/ on, with forward slashes: `session/create.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
};

/** Every file under src/. */
export function sourceFiles(): readonly SourceFile[] {
  return globSync('**/*.ts', { cwd: join(ROOT, 'src') })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, 'src', path), 'utf8');
      return { path, text, lines: text.split('\n').length - 1 };
    });
}

/** What a file imports from our own code, types included, as paths from src/ on. */
export function ownImports({ path, text }: SourceFile): readonly string[] {
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)];
  return specifiers.map(([, to = '']) => posix.join(posix.dirname(path), to));
}

/** Rooms that are rooms of a larger room's own. */
const WINGS = new Set(['journeys', 'proofs']);

/** The room a file stands in: its folder, or the file itself where it stands alone. */
export function roomOf(path: string): string {
  const [first = path, second] = path.split('/');
  return WINGS.has(first) && second !== undefined ? `${first}/${second}` : first;
}
