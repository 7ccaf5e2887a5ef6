import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const FOLDER = 'docs/decisions';
const RECORDS = readdirSync(FOLDER).toSorted();
const NUMBERS = RECORDS.map((file) => file.slice(0, 4));

/** Text files that may cite a decision. */
const SOURCES = execFileSync('git', ['ls-files', '-z', '--', ':!package-lock.json'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => /(\.(ts|tsx|mjs|js|md|sql|ya?ml|jsonc)|Dockerfile)$/.test(file));

/** What `pattern` finds in the files, each with its file. */
function findings(files: readonly string[], pattern: RegExp): readonly string[] {
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(pattern)].map(([text]) => `${file}: ${text}`),
  );
}

test('the decisions are numbered without holes, and there are at most 26', () => {
  expect(NUMBERS).toEqual(RECORDS.map((_, index) => String(index + 1).padStart(4, '0')));
  expect(RECORDS.length).toBeLessThanOrEqual(26);
});

describe.each(RECORDS)('%s', (file) => {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8');

  test('follows the template: title, Context, Decision, Consequences, Status', () => {
    expect(file).toMatch(/^\d{4}(-[a-z0-9]+)+\.md$/);
    expect(text).toMatch(new RegExp(`^# ADR-${file.slice(0, 4)}: \\S`));
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Context', 'Decision', 'Consequences', 'Status']);
  });

  test('states whether it is accepted, or which decision supersedes it', () => {
    const status = text.split('## Status\n\n')[1] ?? '';
    expect(status).toMatch(/^(Accepted\.|Superseded by \[ADR-\d{4}\]\(\d{4}-[a-z0-9-]+\.md\))/);
  });
});

test('each cited decision exists', () => {
  const known = new Set(NUMBERS.map((number) => `ADR-${number}`));
  const cited = findings(SOURCES, /ADR-\d+/g);
  expect(cited.length).toBeGreaterThan(50);
  expect(cited.filter((one) => !known.has(one.split(': ').at(-1) ?? ''))).toEqual([]);
});

test('a decision is cited as ADR-0001 and in no other form', () => {
  const others = [
    ...findings(SOURCES, /\bADR \d+/g),
    ...findings(SOURCES, /decisions\/\d{4}(?!-)/g),
    ...findings(
      SOURCES.filter((file) => !file.endsWith('.sql')),
      /\(00\d\d\)/g,
    ),
  ];
  expect(others).toEqual([]);
});
