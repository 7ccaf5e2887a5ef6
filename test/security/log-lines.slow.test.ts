import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('LO-3: line breaks, JSON and terminal colors in an address and a User-Agent add no line', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/observability/log.ts', import.meta.url).href)};
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    const evil = 'a\\n{"level":"fatal"}\\r\\n\\u001b[31m\\u2028x';
    log.info({ email: evil, userAgent: evil }, 'request');
    log.warn({ err: new Error(evil) }, 'request');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const written = stdout.split('\n').filter((line) => line !== '');
  expect(written).toHaveLength(2);
  for (const line of written) {
    expect(JSON.parse(line)['level']).not.toBe('fatal');
    expect(line).not.toContain('\u001b');
  }
});

test('RR-8: the log of an unavailable service has its error code and statement, and no stack', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/observability/log.ts', import.meta.url).href)};
    import { unavailable } from ${JSON.stringify(new URL('../../src/db/errors.ts', import.meta.url).href)};
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    log.warn({ err: unavailable('ECONNREFUSED', 'select 1') }, 'failed');
    log.warn({ err: new Error('not started', { cause: unavailable('ECONNREFUSED') }) }, 'failed');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const [away, around] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err);
  expect(Object.keys(away)).toEqual(['name', 'message', 'cause']);
  expect(Object.keys(away.cause)).toEqual(['name', 'message', 'code', 'statement']);
  expect(away.cause).toMatchObject({ code: 'ECONNREFUSED', statement: 'select 1' });
  expect(Object.keys(around)).toEqual(['name', 'message', 'stack', 'cause']);
  expect(Object.keys(around.cause)).not.toContain('stack');
});

test('LO-2: the log of an error has its name, message, code, stack and causes, and no other property', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/observability/log.ts', import.meta.url).href)};
    import { DatabaseError } from ${JSON.stringify(new URL('../../src/db/errors.ts', import.meta.url).href)};
    const log = await createLog({ mode: 'production', logLevel: 'info' });
    const foreign = (cause) => Object.assign(new Error('refused', { cause }), {
      code: 'EREFUSED', request: { body: 'canary-own' }, parameters: ['canary-own'],
      config: new Map([['canary-own', 1]]), errors: [Object.assign(new Error('x'), { of: 'canary-own' })],
      toJSON: () => 'canary-own', [Symbol('canary-own')]: 'canary-own',
    });
    const round = foreign();
    round.cause = round;
    const database = new DatabaseError({ code: '23505', statement: 'insert into t values ($1)' });
    log.error({ err: foreign(foreign(database)) }, 'failed');
    log.error({ err: round }, 'failed');
    log.error({ err: { body: 'canary-own' } }, 'failed');
    log.error({ err: 'thrown text' }, 'failed');
    log.error(foreign(), 'failed');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stdout).not.toContain('canary-own');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err);
  expect(lines).toHaveLength(5);
  expect(Object.keys(lines[0])).toEqual(['name', 'message', 'code', 'stack', 'cause']);
  expect(lines[0].cause.cause).toMatchObject({
    name: 'DatabaseError',
    code: '23505',
    statement: 'insert into t values ($1)',
  });
  expect(lines[3]).toEqual({ name: 'string', message: 'thrown text' });
});
