import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { DAY, HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { isWithin } from '../../src/kernel/network.ts';
import { LIMIT_NAMES, limitOf } from '../../src/settings/limits.ts';
import { PRODUCTION } from './environments.ts';

const load = (limits: unknown) =>
  loadConfig({
    ...PRODUCTION,
    RATE_LIMITS: typeof limits === 'string' ? limits : JSON.stringify(limits),
  }).rateLimits;

function refusal(limits: unknown): string {
  try {
    load(limits);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('O-2: RATE_LIMITS', () => {
  test('accepts an allowance, a period or both, and keeps the default of the other', () => {
    const { allowances } = load({
      registration: { allowance: 200 },
      'sign-in.spray': { allowance: 100, period: '30m' },
      'oauth.start': { period: '5m' },
    });
    expect(allowances).toEqual({
      registration: { allowance: 200, period: HOUR },
      'sign-in.spray': { allowance: 100, period: 30 * MINUTE },
      'oauth.start': { allowance: 60, period: 5 * MINUTE },
    });
  });

  test.each(LIMIT_NAMES)('keeps %s within its range', (name) => {
    const { range, allowance } = limitOf(name);
    if (range === null) {
      expect(refusal({ [name]: { allowance } })).toContain(`RATE_LIMITS ${name} is no setting`);
      return;
    }
    const withRoom = name === 'changes.session' ? { 'changes.account': { allowance: 1_800 } } : {};
    const set = (tries: number) => ({ ...withRoom, [name]: { allowance: tries } });
    for (const tries of [Math.max(range.least, name === 'changes.account' ? 61 : 0), range.most]) {
      expect(load(set(tries)).allowances[name]?.allowance).toBe(tries);
    }
    const rule = `RATE_LIMITS ${name} must allow ${range.least} to ${range.most}`;
    expect(refusal(set(range.most + 1))).toContain(rule);
    if (range.least > 2) expect(refusal(set(range.least - 1))).toContain(rule);
    // The built-in limit is within its own range.
    expect(allowance).toBeGreaterThanOrEqual(range.least);
    expect(allowance).toBeLessThanOrEqual(range.most);
  });

  test('compares another period by the attempts within the default one', () => {
    expect(load({ registration: { allowance: 500, period: '1d' } }).allowances).toEqual({
      registration: { allowance: 500, period: DAY },
    });
    const rule = 'registration must allow 5 to 1000 within 1h';
    // 60,000 an hour, in portions of a minute.
    expect(refusal({ registration: { allowance: 1_000, period: '1m' } })).toContain(rule);
    // A whole day's at once is beyond the hour's.
    expect(refusal({ registration: { allowance: 1_001, period: '1d' } })).toContain(rule);
    // Two a day keeps people out.
    expect(refusal({ registration: { allowance: 2, period: '1d' } })).toContain(rule);
  });

  test.each([
    ['not JSON', '{registration: 5}', 'is not valid JSON'],
    ['a list', '[]', 'must be an object'],
    ['an unknown limit', { registrations: { allowance: 50 } }, 'entry 1 is no limit'],
    ['a number alone', { registration: 50 }, 'registration must be {"allowance","period"}'],
    ['no member', { registration: {} }, 'registration must be {"allowance","period"}'],
    [
      'a misspelled member',
      { registration: { allowance: 50, per: '1h' } },
      'registration must be {"allowance","period"}',
    ],
    [
      'half a try',
      { registration: { allowance: 9.5 } },
      'registration must be {"allowance","period"}',
    ],
    [
      'a period in words',
      { registration: { period: 'an hour' } },
      'registration must have a period such as',
    ],
    [
      'a period of seconds',
      { registration: { period: '30s' } },
      'registration must have a period such as',
    ],
    [
      'a period of failures in a row',
      { 'sign-in.account': { allowance: 5, period: '1h' } },
      'sign-in.account has no period',
    ],
    [
      'a session that uses up the account',
      { 'changes.session': { allowance: 300 }, 'changes.account': { allowance: 300 } },
      'changes.account must allow more than changes.session',
    ],
  ])('names the limit and the rule: %s', (_what, limits, rule) => {
    expect(refusal(limits)).toContain(`RATE_LIMITS ${rule}`);
  });

  test('CF-1: reports every mistake at once, without a value', () => {
    const message = refusal({
      'hunter2-the-canary': 1,
      registration: { allowance: 987_654 },
      exemptSources: ['198.51.100.77/99'],
    });
    expect(message).toMatch(/entry 1 is no limit.*; registration must.*; exemptSources \[0\] must/);
    for (const value of ['canary', '987654', '198.51.100.77']) expect(message).not.toContain(value);
  });

  test('exemptSources accepts networks of both families', () => {
    const { exemptSources } = load({
      exemptSources: ['203.0.113.0/28', '198.51.100.7', '2001:DB8:5::/48', '10.1.0.0/16'],
    });
    const isExempt = (address: string) => exemptSources.some((one) => isWithin(address, one));
    const inside = [
      '203.0.113.0',
      '203.0.113.15',
      '198.51.100.7',
      '2001:db8:5:ffff::1',
      '10.1.255.255',
    ];
    const outside = ['203.0.113.16', '198.51.100.8', '2001:db8:6::1', '10.2.0.0', '::cb00:7100'];
    expect(inside.filter((address) => !isExempt(address))).toEqual([]);
    expect(outside.filter(isExempt)).toEqual([]);
  });

  test.each([
    ['everybody', '0.0.0.0/0'],
    ['everybody by IPv6', '::/0'],
    ['half of a provider', '10.0.0.0/8'],
    ['bits behind the prefix', '10.1.2.3/16'],
    ['a name', 'office.example'],
    ['no length', '203.0.113.0/'],
    ['a length beyond the address', '203.0.113.0/33'],
    ['a mask', '203.0.113.0/255.255.255.0'],
    ['an IPv4 network written as IPv6, which no client is counted as', '::ffff:203.0.113.0/120'],
    ['a zone', 'fe80::%eth0/64'],
  ])('exemptSources refuse %s', (_what, network) => {
    expect(refusal({ exemptSources: ['203.0.113.0/24', network] })).toContain(
      'RATE_LIMITS exemptSources [1] must be',
    );
  });

  test('exemptSources refuses a value that is no list, and an overlong list', () => {
    expect(refusal({ exemptSources: '203.0.113.0/24' })).toContain('exemptSources must be a list');
    const many = Array.from({ length: 101 }, (_, n) => `203.0.113.${n}`);
    expect(refusal({ exemptSources: many })).toContain('exemptSources must be a list');
  });
});
