import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig, warningsOf } from '../../src/config.ts';
import { readTrustedDocuments } from '../../src/graphql-engine/trusted-documents.ts';
import { readSettings } from '../../src/settings/read.ts';
import { PRODUCTION } from './environments.ts';

const CANARY = 'cAnArY7351';
const HERE = { ...PRODUCTION, APP_URL: 'https://app.example.com' };
const directory = mkdtempSync(join(tmpdir(), 'latchkey-warnings-'));
afterAll(() => rmSync(directory, { recursive: true }));

const names = (env: Readonly<Record<string, string>>) =>
  warningsOf({ ...HERE, ...env }).map(({ setting }) => setting);

test('CF-13: an ordinary environment has no warnings', () => {
  expect(warningsOf(HERE)).toEqual([]);
});

test.each(['tcp', 'udp', 'sctp'])(
  'CF-13: a %s service link is ignored with a warning',
  (protocol) => {
    const env = { ...HERE, METRICS_PORT: `${protocol}://10.96.1.2:9090` };
    expect(loadConfig(env).metricsPort).toBeNull();
    const [warning, ...others] = warningsOf(env);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ setting: 'METRICS_PORT' });
    expect(warning?.rule).toContain('Kubernetes');
    expect(warning?.rule).not.toContain('10.96');
  },
);

test('CF-13: any other text that is no port is refused', () => {
  expect(() => loadConfig({ ...HERE, METRICS_PORT: 'http://10.96.1.2:9090' })).toThrow(
    /METRICS_PORT/,
  );
});

test('CF-13: production warns if APP_URL is not set', () => {
  expect(warningsOf(PRODUCTION).map(({ setting }) => setting)).toEqual(['APP_URL']);
  const { NODE_ENV: _, PUBLIC_URL: __, ...development } = PRODUCTION;
  expect(warningsOf(development)).toEqual([]);
});

test('CF-13, AP-1: Apple without https has a warning, because it posts its answers to PUBLIC_URL', () => {
  const apple = {
    ...{ preset: 'apple', clientId: CANARY, teamId: 'TEAM123456', keyId: 'KEY1234567' },
    privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  };
  const github = { preset: 'github', clientId: CANARY, clientSecret: CANARY };
  const PUBLIC_URL = 'http://localhost:4000';
  const listed = (...providers: object[]) => ({ OAUTH_PROVIDERS: JSON.stringify(providers) });
  expect(names({ ...listed(apple), PUBLIC_URL })).toEqual(['PUBLIC_URL']);
  expect(names(listed(apple))).toEqual([]);
  expect(names({ ...listed(github), PUBLIC_URL })).toEqual([]);
});

test('CF-13: an IP address in APP_URL, to which no passkey can belong, is a warning', () => {
  expect(names({ APP_URL: 'http://127.0.0.1:3000' })).toEqual(['PASSKEYS']);
  expect(names({ APP_URL: 'http://127.0.0.1:3000', PASSKEYS: 'false' })).toEqual([]);
  expect(names({ APP_URL: 'http://localhost:3000' })).toEqual([]);
});

describe("CF-13: unknown values of OpenTelemetry's settings (its specification, Parsing)", () => {
  const SENDING = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  const odd = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: '2',
    OTEL_METRIC_EXPORT_INTERVAL: '60s',
    OTEL_RESOURCE_ATTRIBUTES: `${CANARY}`,
  };

  test.each(Object.entries(odd))('%s=%s', (name, value) => {
    const env = { ...HERE, ...SENDING, [name]: value };
    expect(loadConfig(env).telemetry).toEqual(loadConfig({ ...HERE, ...SENDING }).telemetry);
    expect(names({ ...SENDING, [name]: value })).toEqual([name]);
    const [warning] = warningsOf(env);
    expect(warning?.rule).toMatch(/; the default is used$/);
    expect(warning?.rule).not.toContain(CANARY);
  });

  test('cause no warning if nothing is exported', () => {
    expect(names(odd)).toEqual([]);
    expect(names({ ...odd, ...SENDING, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  });

  test('are not true for any word but true, in any case', () => {
    const telemetry = (text: string) =>
      loadConfig({ ...HERE, ...SENDING, OTEL_SDK_DISABLED: text }).telemetry;
    expect(telemetry('TRUE')).toBeNull();
    expect(telemetry('False')).not.toBeNull();
    expect(telemetry('1')).not.toBeNull();
    expect(names({ ...SENDING, OTEL_SDK_DISABLED: '1' })).toEqual(['OTEL_SDK_DISABLED']);
  });

  test('are refused for endpoints and headers, unless telemetry is switched off', () => {
    const wrong = {
      ...HERE,
      OTEL_EXPORTER_OTLP_ENDPOINT: `grpc://${CANARY}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x',
    };
    const settings = readSettings(wrong);
    expect(settings.ok ? [] : settings.problems.map(({ setting }) => setting)).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_HEADERS',
    ]);
    expect(loadConfig({ ...wrong, OTEL_SDK_DISABLED: 'true' }).telemetry).toBeNull();
  });
});

describe('CF-13: text files that people write', () => {
  const file = (name: string, bytes: string | Buffer) => {
    const path = join(directory, name);
    writeFileSync(path, bytes, { mode: 0o600 });
    return path;
  };

  test("a secret's file may have a byte order mark; in UTF-16 it is refused by name", () => {
    const { SMTP_URL, ...env } = HERE;
    const marked = file('marked', `\uFEFF${SMTP_URL}\r\n`);
    expect(loadConfig({ ...env, SMTP_URL_FILE: marked }).mail.smtpUrl).toBe(SMTP_URL);
    const wide = file('wide', Buffer.from(`\uFEFF${SMTP_URL}`, 'utf16le'));
    expect(() => loadConfig({ ...env, SMTP_URL_FILE: wide })).toThrow(
      /SMTP_URL_FILE names a file that is not UTF-8/,
    );
  });

  test('trusted documents may have a byte order mark; in UTF-16 they are refused by name', async () => {
    const json = JSON.stringify({ abc: '{ viewer { user { id } } }' });
    const documents = await readTrustedDocuments(file('marked.json', `\uFEFF${json}`));
    expect(documents.size).toBe(1);
    const wide = file('wide.json', Buffer.from(`\uFEFF${json}`, 'utf16le'));
    await expect(readTrustedDocuments(wide)).rejects.toThrow(/TRUSTED_DOCUMENTS .*not UTF-8/);
  });
});
