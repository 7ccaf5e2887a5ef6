import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A place in a file of the bundle, as V8 writes it into a stack: file, line and column from 1. */
const PLACE = /(file:\/\/[^\s()]+\.mjs):(\d+):(\d+)/g;

/** Where this module lies, which is where the whole bundle does. */
const HERE = new URL('.', import.meta.url).href;

const maps = new Map<string, SourceMap | null>();

/**
 * A stack of the bundle in the words of the sources; any other stack as it is. The maps are read
 * when the first error is logged: Node's own --enable-source-maps reads them at every start
 * (ADR-0022).
 */
export function inSourceLines(stack: string): string {
  return stack.replaceAll(PLACE, (place: string, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry) || !isOurs(entry.originalSource)) return place;
    const { originalSource, originalLine, originalColumn } = entry;
    return `${new URL(originalSource, file).href}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

/** Packages are not mapped: what stands before them in the map is not theirs. */
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

/** Without its map a file's lines are told as they are: better than to lose the error (LO-7). */
function readMap(file: URL): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
