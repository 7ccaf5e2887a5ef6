import { randomBytes } from 'node:crypto';
import { spawnServer } from '../../process/spawn.ts';
import { LOGIN, REFRESH, REGISTER } from '../../support/journeys.ts';
import { until } from '../../support/until.ts';
import { anyAddress } from '../kit/device.ts';
import { openUpstream } from '../kit/http.ts';
import { tally } from '../kit/ledger.ts';
import { withStage } from '../kit/stage.ts';
import { type FaultRow, verdict } from '../row.ts';

const CALLERS = 40;

/** What a fault may look like from outside (GQ-10). */
const MASKED = new Set(['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'none']);

const CALLS = [
  { query: LOGIN, variables: { input: { email: 'a@example.com', password: 'not the one' } } },
  {
    query: REGISTER,
    variables: { input: { email: 'b@example.com', password: 'nine quiet herons' } },
  },
  { query: REFRESH, variables: { input: { refreshToken: 'lkr_none' } } },
  { query: '{ viewer { user { id } } authSettings { passwordMinLength } }', variables: {} },
];

/** Clock and randomness throw at half of all uses, with errors, texts and nothing at all. */
export const row: FaultRow = {
  number: 23,
  name: 'thrown in resolvers',
  run: (run) =>
    withStage(run, { servers: 0 }, async (stage) => {
      const server = spawnServer({
        command: ['test/faults/kit/faulty-server.ts'],
        env: await stage.settings({
          SECRET_KEYS: randomBytes(32).toString('base64'),
          LOG_LEVEL: 'error',
        }),
      });
      const upstream = openUpstream(server.url);
      const live = async () => (await upstream.send('/health/live')).status === 200;
      try {
        await until(live, 30_000);
        server.kill('SIGUSR2');
        const total = run.short ? 1_000 : 10_000;
        const codes = new Map<string, number>();
        let leaks = 0;
        let made = 0;
        const caller = async () => {
          while (made < total) {
            const json = CALLS[made++ % CALLS.length];
            const headers = { 'x-forwarded-for': anyAddress() };
            const { text, failure } = await upstream.send('/graphql', { json, headers });
            const code = failure ?? /"code":"(\w+)"/.exec(text)?.[1] ?? 'none';
            codes.set(code, (codes.get(code) ?? 0) + 1);
            if (/EWEIRD|TypeError|a text|at \w+ \(/.test(text)) leaks += 1;
          }
        };
        await Promise.all(Array.from({ length: CALLERS }, caller));
        server.kill('SIGUSR2');
        const alive = await until(live, 5_000);
        const { text } = await upstream.send('/graphql', { json: CALLS[2] });
        return verdict(
          `${total} calls: ${tally(codes)}; ${leaks} leaks; then ${text.slice(0, 70)}`,
          {
            'every call answered, and masked': [...codes.keys()].every((code) => MASKED.has(code)),
            'faults happened': (codes.get('INTERNAL_SERVER_ERROR') ?? 0) > total / 10,
            'nothing leaks': leaks === 0,
            'alive and well': alive && text.includes('InvalidTokenError'),
          },
        );
      } finally {
        upstream.close();
        server.kill('SIGKILL');
        await server.ended;
      }
    }),
};
