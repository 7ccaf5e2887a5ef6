import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { INSTRUMENTS } from '../../src/observability/instruments.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import { startTestServer } from '../support/server.ts';

const ENV = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:9/v1/metrics' };

/** What a server that was used a little sends when it stops, and what /metrics would have shown. */
async function lastExport(env: Readonly<Record<string, string>> = {}) {
  const exported: ResourceMetrics[] = [];
  const metrics: PushMetricExporter = {
    export: (some, done) => {
      exported.push(some);
      done({ code: 0 });
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const server = await startTestServer({
    env: { ...ENV, METRICS_PORT: '9468', ...env },
    exporters: { metrics },
  });
  const { email } = await signUp(server);
  await server.graphql(LOGIN, { input: { email, password: 'a wrong one' } });
  const text = server.app.metrics?.read().text ?? '';
  await server.close();
  const last = exported.at(-1);
  if (!last) throw new Error('Nothing was exported.');
  return { text, resource: last.resource.attributes, scopes: last.scopeMetrics };
}

test('O-16: the collector receives all instruments, with the values of /metrics', async () => {
  const { text, scopes } = await lastExport();
  const sent = scopes
    .filter(({ scope }) => scope.name === 'latchkey')
    .flatMap((one) => one.metrics);
  const listed = new Map(Object.values(INSTRUMENTS).map((one) => [one.name as string, one]));
  for (const { descriptor, dataPoints } of sent) {
    const instrument = listed.get(descriptor.name);
    expect(descriptor).toMatchObject({ unit: instrument?.unit, description: instrument?.help });
    for (const { attributes } of dataPoints) {
      expect(Object.keys(attributes)).toEqual(instrument?.labels);
    }
    listed.delete(descriptor.name);
  }
  // Without anything to show: nobody was refused by a limit, nothing was counted yet, and perhaps no garbage was collected.
  listed.delete('v8js.gc.duration');
  expect([...listed.keys()]).toEqual(['latchkey.rate_limit.refusals', 'latchkey.statistics.lag']);

  const outcomes = sent.find(({ descriptor }) => descriptor.name === 'latchkey.mutation.outcomes');
  const failed = outcomes?.dataPoints.find(
    ({ attributes }) => attributes['outcome'] === 'InvalidCredentialsError',
  );
  expect(failed?.value).toBe(1);
  const requests = sent.find(
    ({ descriptor }) => descriptor.name === 'http.server.request.duration',
  );
  const [point] = requests?.dataPoints ?? [];
  expect(point?.attributes).toEqual({
    'http.route': '/graphql',
    'http.request.method': 'POST',
    'http.response.status_code': 200,
  });
  const count = /^http_server_request_duration_seconds_count\{.*\} (\d+)$/m.exec(text)?.[1];
  expect(point?.value).toMatchObject({ count: Number(count) });
});

test('O-16: every process has its own resource, with its version', async () => {
  const [one, other, named] = [
    await lastExport(),
    await lastExport(),
    await lastExport({ OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod-1' }),
  ].map(({ resource }) => resource);
  expect(one).toMatchObject({ 'service.name': 'latchkey', 'service.version': manifest.version });
  expect(one?.['service.instance.id']).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/);
  expect(other?.['service.instance.id']).not.toBe(one?.['service.instance.id']);
  expect(named?.['service.instance.id']).toBe('pod-1');
});
