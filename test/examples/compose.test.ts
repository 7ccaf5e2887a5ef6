import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').replace(/^\s*#.*\n/gm, '');

/** The lines of a service, and of what it takes over with `<<`. */
function serviceOf(name: string): string {
  const block = new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n|\\n)+)`, 'm').exec(text)?.[1];
  if (block === undefined) throw new Error(`There is no service ${name}.`);
  const base = /^ {4}<<: \*(\w+)$/m.exec(block)?.[1];
  const shared = base && new RegExp(`^x-\\w+: &${base}\\n((?: {2}.*\\n)+)`, 'm').exec(text)?.[1];
  return `${shared ?? ''}${block}`;
}

/** The last one counts: a service replaces what it takes over. */
function secretsOf(name: string): readonly string[] {
  const lists = [...serviceOf(name).matchAll(/^ +secrets: \[(.*)\]$/gm)];
  return lists.at(-1)?.[1]?.split(', ') ?? [];
}

test('DR-3: the server has neither the superuser nor the owner, and each step what it needs', () => {
  expect(secretsOf('server')).toEqual(['server_url', 'secret_keys']);
  expect(secretsOf('migrate')).toEqual(['owner_url', 'secret_keys']);
  expect(secretsOf('grants')).toEqual(['owner_url']);
  expect(secretsOf('roles')).toEqual(['postgres_password', 'owner_password', 'server_password']);
  expect(secretsOf('database')).toEqual(['postgres_password']);
  expect(serviceOf('server')).toContain('MIGRATE_ON_START: "false"');
});

test('DR-3: the steps follow one another, and the server follows them', () => {
  const done = 'condition: service_completed_successfully';
  expect(serviceOf('migrate')).toContain(`roles: { ${done} }`);
  expect(serviceOf('grants')).toContain(`migrate: { ${done} }`);
  expect(serviceOf('server')).toContain(`grants: { ${done} }`);
});

test('every secret and every mounted file exists, and no secret is declared for nothing', () => {
  const declared = [...text.matchAll(/^ {2}(\w+): \{ file: deploy\/secrets\/(\w+) \}$/gm)];
  const services = ['database', 'roles', 'migrate', 'grants', 'server'];
  expect(declared.map(([, name]) => name).toSorted()).toEqual(
    [...new Set(services.flatMap(secretsOf))].toSorted(),
  );
  for (const [, name, file] of declared) expect(file).toBe(name);
  const mounts = [...text.matchAll(/"\.\/(docs[^:]+):/g)].map(([, path = '']) => path);
  expect(mounts).toHaveLength(2);
  for (const path of mounts) expect(existsSync(join(ROOT, path))).toBe(true);
});
