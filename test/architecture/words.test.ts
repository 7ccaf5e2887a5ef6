import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RETIRED_WORDS, type RetiredWord } from './retired-words.ts';
import { ROOT } from './sources.ts';

const FILES = globSync(
  [
    '{src,client,react,verify,test,docs,bench,scripts,dev}/**/*.{ts,tsx,mjs,sql,md}',
    '*.md',
    'examples/*/*.md',
  ],
  { cwd: ROOT },
)
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !/\/(?:node_modules|generated|dist)\/|retired-words\.ts/.test(path))
  .map((path) => ({ path, lines: readFileSync(join(ROOT, path), 'utf8').split('\n') }));

test.for(RETIRED_WORDS)('no file uses the retired word: $word', (word) => {
  expect(hitsOf(word).map(inWords)).toEqual([]);
});

function hitsOf({ pattern, within }: RetiredWord) {
  return FILES.filter(
    ({ path }) => within?.some((folder) => path.startsWith(folder)) ?? true,
  ).flatMap(({ path, lines }) =>
    [{ line: 0, text: path }, ...lines.map((text, index) => ({ line: index + 1, text }))]
      .filter(({ text }) => pattern.test(text))
      .map(({ line, text }) => ({ path, line, text })),
  );
}

function inWords({ path, line, text }: { path: string; line: number; text: string }): string {
  return `${path}:${line}: ${text.trim().slice(0, 120)}`;
}
