import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readBuildInfo } from '../src/build-info.ts';
import { latchkey, rowsOf } from './support/latchkey.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-build-info-'));
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...words: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();

test('O-19: sources know their commit: from git, and in an archive that git made', () => {
  writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.3" }');
  expect(readBuildInfo(folder)).toEqual({ version: '1.2.3', revision: null });
  writeFileSync(join(folder, 'revision.txt'), '$Format:%H$\n');
  writeFileSync(join(folder, '.gitattributes'), 'revision.txt export-subst\n');
  expect(readBuildInfo(folder).revision).toBeNull();
  git('init', '--quiet');
  expect(readBuildInfo(folder).revision).toBeNull();
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  const commit = git('rev-parse', 'HEAD');
  expect(readBuildInfo(folder).revision).toBe(commit);
  writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.4" }');
  expect(readBuildInfo(folder)).toEqual({ version: '1.2.4', revision: `${commit}-dirty` });

  const archive = mkdtempSync(join(folder, 'archive-'));
  git('archive', '--output', join(archive, 'it.tar'), 'HEAD');
  execFileSync('tar', ['-xf', 'it.tar'], { cwd: archive });
  expect(readBuildInfo(archive)).toEqual({ version: '1.2.3', revision: commit });
});

test('O-19: latchkey --version says both', async () => {
  const { code, out } = await latchkey('--version');
  expect(code).toBe(0);
  expect(out).toEqual([expect.stringMatching(/^latchkey \d+\.\d+\.\d+ \(revision \S+, Node\.js /)]);
  const [row] = rowsOf(await latchkey('--version --json'));
  expect(Object.keys(row ?? {})).toEqual(['version', 'revision', 'node']);
  expect(await latchkey('version')).toMatchObject({ out });
});

test('this repository writes its commit into archives', () => {
  const attributes = execFileSync('git', ['check-attr', 'export-subst', 'revision.txt'], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  });
  expect(attributes).toContain('export-subst: set');
});
