import { expect, test } from 'vitest';
import { canonicalAddress, sourceOf } from '../../src/kernel/source.ts';

test.each([
  [null, ['unknown']],
  ['203.0.113.9', ['203.0.113.9']],
  ['2001:db8:1:2ff:5::7', ['2001:db8:1:2ff::/64', '2001:db8:1:200::/56', '2001:db8:1:0::/48']],
  ['2001:db8::7', ['2001:db8:0:0::/64', '2001:db8:0:0::/56', '2001:db8:0:0::/48']],
  ['::1', ['0:0:0:0::/64', '0:0:0:0::/56', '0:0:0:0::/48']],
])('RL-5: %s is counted as %j', (ipAddress, source) => {
  expect(sourceOf({ ipAddress })).toEqual(source);
});

// Behind a translator, all users of IPv4 would otherwise be one single /64.
test.each([
  ['::ffff:198.51.100.7', '198.51.100.7'],
  ['::FFFF:C633:6407', '198.51.100.7'],
  ['0:0:0:0:0:ffff:c633:6407', '198.51.100.7'],
  ['::ffff:0:198.51.100.7', '198.51.100.7'],
  ['64:ff9b::198.51.100.7', '198.51.100.7'],
  ['64:ff9b::c633:6407', '198.51.100.7'],
  ['[0064:ff9b:0:0:0:0:c633:6407]:443', '198.51.100.7'],
  ['64:ff9b::0.0.100.7', '0.0.100.7'],
  ['64:ff9b:1::198.51.100.7', '198.51.100.7'],
  ['64:ff9b:2::c633:6407', '64:ff9b:2::c633:6407'],
  ['::c633:6407', '::c633:6407'],
  ['2001:DB8:0:0:0::1%eth0', '2001:db8::1'],
  ['::', '::'],
  ['198.51.100.7.', null],
])('RL-5: the canonical text of %s is %s', (written, address) => {
  expect(canonicalAddress(written)).toBe(address);
});

const isSameSource = (...[one, other]: Parameters<typeof sourceOf>[0][]) =>
  one && other && sourceOf(one)[0] === sourceOf(other)[0];

test('LG-6: a host that changes its address within its /64 is the same place; another /64 is not', () => {
  const at = (ipAddress: string | null) => ({ ipAddress });
  expect(isSameSource(at('2001:db8:1:2::7'), at('2001:db8:1:2:ffff::9'))).toBe(true);
  expect(isSameSource(at('2001:db8:1:2::7'), at('2001:db8:1:3::7'))).toBe(false);
  expect(isSameSource(at('203.0.113.9'), at('203.0.113.10'))).toBe(false);
  expect(isSameSource(at(null), at('203.0.113.9'))).toBe(false);
  expect(isSameSource(at(null), at(null))).toBe(true);
});
