import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { secretKeys, weakKeyRule } from '../../src/settings/secret-keys.ts';
import { SETTING_NAMES } from '../../src/settings/table.ts';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'latchkey-settings-'));
const document = join(directory, 'settings.md');
const [BEFORE, AFTER] = [
  '# Settings\n\n<!-- settings:start -->',
  '<!-- settings:end -->\n\nThe end.\n',
];
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/settings-table.ts'), ...args]).status;

test('the table of settings is written between its marks, and checked', () => {
  writeFileSync(document, `${BEFORE}\nold\n${AFTER}`);
  expect(run('--check', document)).toBe(1);
  expect(readFileSync(document, 'utf8')).toBe(`${BEFORE}\nold\n${AFTER}`);

  expect(run(document)).toBe(0);
  const written = readFileSync(document, 'utf8');
  expect(written.startsWith(BEFORE) && written.endsWith(AFTER)).toBe(true);
  expect(written).not.toContain('old');
  const names = [...written.matchAll(/^\| `([A-Z0-9_]+)` \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, name]) => name,
  );
  expect(names).toEqual(SETTING_NAMES);
  expect(written).toContain('Also as `SECRET_KEYS_FILE`');
  expect(written).not.toContain('PORT_FILE');

  expect(run('--check', document)).toBe(0);
  writeFileSync(document, written.replace('19456', '8192'));
  expect(run('--check', document)).toBe(1);
});

test('a document without the marks fails', () => {
  writeFileSync(document, '# Settings\n');
  expect(run(document)).toBe(1);
  expect(readFileSync(document, 'utf8')).toBe('# Settings\n');
});

test('docs/operating/settings.md lists the current settings', () => {
  expect(run('--check', join(root, 'docs/operating/settings.md'))).toBe(0);
});

test('CF-1: no key from a document is accepted in production', () => {
  const documents = globSync(
    ['*.md', 'docs/**/*.md', '.env.example', '*compose*.y*ml', 'deploy/**/*.*'],
    { cwd: root },
  );
  const samples = documents.flatMap((path) =>
    [
      ...readFileSync(join(root, path), 'utf8').matchAll(
        /SECRET_KEYS["']?\s*[=:]\s*["']?([\w+/=,-]+)/g,
      ),
    ].map(([, sample]) => ({ path, sample })),
  );
  const usable = samples.filter(({ sample }) => {
    const keys = secretKeys.safeParse(sample);
    return keys.success && weakKeyRule(keys.data) === null;
  });
  expect(usable).toEqual([]);
});
