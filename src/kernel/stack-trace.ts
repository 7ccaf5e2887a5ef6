import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A position in a file of the bundle, as V8 writes it in a stack trace: file, then line and column from 1. */
const PLACE = /(file:\/\/[^\s()]+\.mjs):(\d+):(\d+)/g;

/** The directory of this module, which is the directory of the bundle. */
const HERE = new URL('.', import.meta.url).href;

const maps = new Map<string, SourceMap | null>();

/**
 * Translates the stack trace of the bundle to positions in the sources. Any other stack trace is returned
 * unchanged. The source maps are read when the first error is logged; Node's own --enable-source-maps would
 * read them at every start (ADR-0022).
 */
export function inSourceLines(stack: string): string {
  return stack.replaceAll(PLACE, (place: string, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry) || !isOurs(entry.originalSource)) return place;
    const { originalSource, originalLine, originalColumn } = entry;
    return `${new URL(originalSource, file).href}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

/** Packages are not mapped: the entries before them in the map are not theirs. */
function isOurs(source: string): boolean {
  return /(^|\/)src\//.test(source);
}

function mapOf(file: string): SourceMap | null {
  if (!file.startsWith(HERE)) return null;
  const known = maps.get(file);
  if (known !== undefined) return known;
  const map = readMap(new URL(`${file}.map`));
  maps.set(file, map);
  return map;
}

/** Without its map, a file's positions are reported unchanged, which is better than losing the error (LO-7). */
function readMap(file: URL): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
