import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateUpCommand } from '../../src/cli/migrate.ts';
import { purgeCommand } from '../../src/cli/purge.ts';
import { loadConfig } from '../../src/config.ts';
import { isSettingName, SETTINGS } from '../../src/settings/table.ts';
import { PRODUCTION } from '../config/environments.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

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

const data = (textOf('settings.yaml').split(/^data:$/m)[1] ?? '').matchAll(
  /^ {2}([A-Z\d_]+): (.+)$/gm,
);
const settings = Object.fromEntries(
  [...data].map(([, name = '', value = '']) => [name, value.replace(/^"(.*)"$/, '$1')]),
);
const MOUNT = '/run/secrets/latchkey';

let secrets: string;
let server: TestServer;
beforeAll(async () => {
  secrets = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
  writeFileSync(join(secrets, 'secret-keys'), PRODUCTION.SECRET_KEYS);
  writeFileSync(join(secrets, 'database-url'), PRODUCTION.DATABASE_URL);
  writeFileSync(join(secrets, 'smtp-url'), PRODUCTION.SMTP_URL);
  server = await startTestServer({ env: { METRICS_PORT: '9466' } });
});
afterAll(async () => {
  rmSync(secrets, { recursive: true });
  await server.close();
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
  expect(valuesOf(all, 'containerPort')).toEqual([String(config.port)]);
  const open = valuesOf(textOf('network.yaml'), 'port');
  const collector = new URL(config.telemetry?.tracesUrl ?? '').port;
  for (const port of [String(config.port), collector, '465', '5432', '53']) {
    expect(open).toContain(port);
  }
  expect(valuesOf(all, 'targetPort')).toEqual(['http']);
});

test('probes ask for paths that answer', async () => {
  const paths = valuesOf(textOf('server.yaml'), 'path');
  expect(paths).toHaveLength(3);
  for (const path of paths) expect((await server.request(path)).status, path).toBe(200);
});

test('commands exist', () => {
  const commands = valuesOf(all, 'command').map((list) => list.replace(/[[\],]/g, ''));
  const known = [migrateUpCommand.name, `${purgeCommand.name} --yes`].map(
    (words) => `node dist/cli.mjs ${words}`,
  );
  expect(commands.sort()).toEqual(known.sort());
});

test('the autoscaler’s metric is one the server has', async () => {
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
  const main = readFileSync(join(ROOT, 'src/main.ts'), 'utf8');
  const seconds = ['UNREADY_BEFORE_CLOSING', 'DRAIN_LIMIT'].map((name) =>
    Number(new RegExp(`${name} = (\\d+) \\* SECOND`).exec(main)?.[1]),
  );
  const [grace] = valuesOf(textOf('server.yaml'), 'terminationGracePeriodSeconds');
  expect(Number(grace)).toBeGreaterThan(seconds.reduce((sum, one) => sum + one, 0));
});
