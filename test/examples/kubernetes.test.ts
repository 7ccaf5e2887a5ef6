import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { CronJob, Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Service } from 'kubernetes-models/v1';
import { afterAll, beforeAll, expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { migrateUpCommand } from '../../src/cli/migrate.ts';
import { purgeCommand } from '../../src/cli/purge.ts';
import { loadConfig } from '../../src/config.ts';
import { isSettingName, SETTINGS } from '../../src/settings/table.ts';
import { PRODUCTION } from '../config/environments.ts';
import { testWithServer } from '../support/fixture.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'examples/kubernetes');
const files = globSync('*.yaml', { cwd: FOLDER }).map((name) => ({
  name,
  text: readFileSync(join(FOLDER, name), 'utf8').replace(/^\s*#.*\n/gm, ''),
}));
const textOf = (name: string) => files.find((file) => file.name === name)?.text ?? '';
const all = files.map(({ text }) => text).join('\n');

/** Every value behind a key, wherever it stands. */
const valuesOf = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`^[ -]*${key}: (.+)$`, 'gm'))].map(([, value = '']) =>
    value.replace(/^"(.*)"$/, '$1'),
  );

const settings = Object.fromEntries(
  readFileSync(join(FOLDER, 'settings.env'), 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
);
const MOUNT = '/run/secrets/latchkey';

let secrets: string;

const test = testWithServer({ env: { METRICS_PORT: '9466' } });
beforeAll(async () => {
  secrets = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
  writeFileSync(join(secrets, 'secret-keys'), PRODUCTION.SECRET_KEYS);
  writeFileSync(join(secrets, 'database-url'), PRODUCTION.DATABASE_URL);
  writeFileSync(join(secrets, 'smtp-url'), PRODUCTION.SMTP_URL);
});
afterAll(async () => {
  rmSync(secrets, { recursive: true });
});

const mounted = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(MOUNT, secrets)]),
  );

test('the settings start a server in production', () => {
  expect(Object.keys(settings).length).toBeGreaterThan(12);
  const config = loadConfig(mounted(settings));
  expect(config).toMatchObject({ mode: 'production', migrateOnStart: false, trustedProxyHops: 1 });
  expect(config.telemetry?.tracesUrl).toMatch(/:4318\/v1\/traces$/);
});

test.each(['migrate.yaml', 'purge.yaml'])(
  '%s: the operator’s settings are accepted too',
  (name) => {
    const names = valuesOf(textOf(name), 'name').filter((one) => /^[A-Z_]+$/.test(one));
    const values = valuesOf(textOf(name), 'value').map((value) => value.replace(/^""$/, ''));
    expect(names).toHaveLength(values.length);
    const own = Object.fromEntries(names.map((one, index) => [one, values[index] ?? '']));
    rmSync(join(secrets, 'smtp-url'), { force: true });
    expect(loadConfig(mounted({ ...settings, ...own })).mode).toBe('production');
    writeFileSync(join(secrets, 'smtp-url'), PRODUCTION.SMTP_URL);
  },
);

test('every variable is a setting, the file of a secret, or one the file itself refers to', () => {
  const given = valuesOf(all, 'name').filter((name) => /^[A-Z][A-Z\d_]+$/.test(name));
  const unknown = [...given, ...Object.keys(settings)].filter((name) => {
    const base = name.replace(/_FILE$/, '');
    if (isSettingName(name) || all.includes(`$(${name})`)) return false;
    return !(isSettingName(base) && SETTINGS[base].secret);
  });
  expect(unknown).toEqual([]);
});

test('ports are the ones the server listens on and the policy opens', () => {
  const config = loadConfig(mounted(settings));
  expect(valuesOf(all, 'containerPort')).toEqual([String(config.port), String(config.metricsPort)]);
  expect([config.host, config.metricsHost]).toEqual(['::', '::']);
  const open = valuesOf(textOf('network.yaml'), 'port');
  const collector = new URL(config.telemetry?.tracesUrl ?? '').port;
  for (const port of [
    String(config.port),
    String(config.metricsPort),
    collector,
    '465',
    '5432',
    '53',
  ]) {
    expect(open).toContain(port);
  }
  expect(valuesOf(all, 'targetPort')).toEqual(['http']);
});

test('probes ask for paths that answer', async ({ server }) => {
  const paths = valuesOf(textOf('server.yaml'), 'path');
  expect(paths).toHaveLength(3);
  for (const path of paths) expect((await server.request(path)).status, path).toBe(200);
});

test('commands exist', () => {
  const commands = valuesOf(all, 'command').map((list) => list.replace(/[[\],]/g, ''));
  const known = [
    `${migrateUpCommand.name} --server-role latchkey_server`,
    `${purgeCommand.name} --yes`,
  ].map((words) => `node dist/cli.mjs ${words}`);
  expect(commands.sort()).toEqual(known.sort());
});

test('the autoscaler’s metric is one the server has', async ({ server }) => {
  const [metric = ''] = valuesOf(textOf('autoscaling.yaml'), 'name').filter((name) =>
    name.startsWith('latchkey_'),
  );
  expect(server.app.metrics?.read().text).toContain(`# TYPE ${metric} gauge`);
});

test('CT-2: nothing runs as root, writes its root file system, or keeps a capability', () => {
  const user = /^USER (\d+):/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  const pods = files.filter(({ text }) => text.includes('containers:'));
  expect(pods).toHaveLength(3);
  for (const { name, text } of pods) {
    expect(valuesOf(text, 'runAsUser'), name).toEqual([user]);
    for (const line of ['runAsNonRoot: true', 'readOnlyRootFilesystem: true', 'drop: [ALL]']) {
      expect(text, name).toContain(line);
    }
    expect(text, name).toContain('allowPrivilegeEscalation: false');
  }
});

test('F-1: a pod is given longer than a drain takes', () => {
  const main = readFileSync(join(ROOT, 'src/run-server.ts'), 'utf8');
  const seconds = ['UNREADY_BEFORE_CLOSING', 'DRAIN_LIMIT'].map((name) =>
    Number(new RegExp(`${name} = (\\d+) \\* SECOND`).exec(main)?.[1]),
  );
  const [grace] = valuesOf(textOf('server.yaml'), 'terminationGracePeriodSeconds');
  expect(Number(grace)).toBeGreaterThan(seconds.reduce((sum, one) => sum + one, 0));
});

const KINDS = {
  ...{ CronJob, Deployment, HorizontalPodAutoscaler, Job, NetworkPolicy, PodDisruptionBudget },
  Service,
};

type Manifest = { readonly apiVersion: string; readonly kind: string };

/** What Kubernetes' published schema says of a manifest; null when nothing is wrong with it. */
function faultOf(manifest: Manifest): string | null {
  const Kind = Object.entries(KINDS).find(([name]) => name === manifest.kind)?.[1];
  if (!Kind) return `no such kind: ${manifest.kind}`;
  if (Kind.apiVersion !== manifest.apiVersion) return `no such version: ${manifest.apiVersion}`;
  try {
    // biome-ignore lint/suspicious/noExplicitAny: the schema validates the content of the file
    new Kind(manifest as any).validate();
    return null;
  } catch (error) {
    return String(error);
  }
}

const manifests = (): readonly Manifest[] =>
  files
    .filter(({ name }) => name !== 'kustomization.yaml')
    .flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS()));

test('O-17: every manifest is one by Kubernetes’ published schemas', () => {
  expect(
    manifests()
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(Object.keys(KINDS).toSorted());
  for (const manifest of manifests()) expect(faultOf(manifest), manifest.kind).toBeNull();
});

test('O-17: the schemas see what is broken', () => {
  const find = (kind: string) => JSON.stringify(manifests().find((one) => one.kind === kind));
  const broken = [
    find('Deployment').replace('"selector"', '"selectors"'),
    find('Deployment').replace('"containers"', '"container"'),
    find('Deployment').replace('"containerPort":4000', '"containerPort":"http"'),
    find('Deployment').replace('apps/v1', 'apps/v1beta1'),
    find('Job').replace('"backoffLimit":2', '"backoffLimit":"2"'),
    find('CronJob').replace('"schedule"', '"scheduled"'),
    find('HorizontalPodAutoscaler').replace('"maxReplicas"', '"maximumReplicas"'),
  ];
  for (const text of broken) expect(faultOf(JSON.parse(text)), text.slice(0, 80)).not.toBeNull();
});

test('O-17: kustomization.yaml names every manifest, and settings.env as the ConfigMap they take', () => {
  const text = textOf('kustomization.yaml');
  const named = /^resources: \[(.*)\]$/m.exec(text)?.[1]?.split(', ') ?? [];
  const there = files.map(({ name }) => name).filter((name) => name !== 'kustomization.yaml');
  expect(named.toSorted()).toEqual(there.toSorted());
  expect(text).toContain('envs: [settings.env]');
});

test('O-17: every container says what it needs, jobs too', () => {
  const pods = files.filter(({ text }) => text.includes('containers:'));
  for (const { name, text } of pods) expect(text, name).toMatch(/resources:\n +requests:\n +cpu: /);
});
