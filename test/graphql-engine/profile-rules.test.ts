import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { externalIdRule, reasonRule } from '../../src/admin/inputs.ts';
import { localeRule, pictureRule } from '../../src/graphql/inputs.ts';
import { jsonObjectRule } from '../../src/graphql/json-object-rule.ts';

const isAccepted = (rule: z.ZodType, value: unknown): boolean => rule.safeParse(value).success;

const nested = (depth: number): object => (depth === 1 ? {} : { a: nested(depth - 1) });

function withPassword(address: string): string {
  return Object.assign(new URL(address), { password: 'x' }).href;
}

describe('a picture', () => {
  test('is stored as the URL standard spells it', () => {
    expect(pictureRule.parse('HTTPS://Example.com/Ä.png')).toBe('https://example.com/%C3%84.png');
  });

  test.for([
    ['a script', 'javascript:alert(1)//https://example.com'],
    ['a picture in the address, which no policy of the page can limit', 'data:image/png;base64,AA'],
    ['plain http', 'http://example.com/a.png'],
    ['a user name in the address', 'https://me@example.com/a.png'],
    ['a password in the address', withPassword('https://example.com/a.png')],
    ['a user name that looks like the host', 'https://example.com@evil.example/a.png'],
    ['a script that the parser uncovers', 'java\nscript:alert(1)'],
    ['a line break that the parser drops', 'https://example.com/a\n.png'],
    ['a space', ' https://example.com/a.png'],
    ['no host', 'https://'],
    ['too long', `https://example.com/${'a'.repeat(2_100)}`],
    ['too long when encoded', `https://example.com/${'ä'.repeat(1_000)}`],
    ['half a surrogate pair', 'https://example.com/\ud800'],
  ])('is refused: %s', ([, value]) => {
    expect(isAccepted(pictureRule, value)).toBe(false);
  });
});

describe('a locale', () => {
  test.for([
    ['EN-us', 'en-US'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['iw', 'he'],
    ['de-AT-u-ca-gregory', 'de-AT-u-ca-gregory'],
  ])('%s is stored as %s', ([tag, canonical]) => {
    expect(localeRule.parse(tag)).toBe(canonical);
  });

  test.for(['', 'en_US', 'e', 'en-', ' en', 'en\0', '../../etc', `en-x-${'a-'.repeat(40)}a`])(
    'is refused: %j',
    (tag) => {
      expect(isAccepted(localeRule, tag)).toBe(false);
    },
  );
});

describe('attributes and preferences', () => {
  test.for([
    ['nothing', {}],
    ['every kind of value', { a: [null, true, 'ä', -1.5, { b: [] }], 'a b': '' }],
    ['eight levels', nested(8)],
    ['4,096 bytes', { a: 'x'.repeat(4_096 - '{"a":""}'.length) }],
  ])('are stored: %s', ([, value]) => {
    expect(isAccepted(jsonObjectRule, value)).toBe(true);
  });

  test.for([
    ['the prototype of whoever copies them', JSON.parse('{"__proto__":{"isAdmin":true}}')],
    ['the same further inside', { a: [JSON.parse('{"__proto__":1}')] }],
    ['the other way to a prototype', { constructor: { prototype: { isAdmin: true } } }],
    ['nine levels', nested(9)],
    ['100,000 levels', JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['4,097 bytes', { a: 'x'.repeat(4_097 - '{"a":""}'.length) }],
    ['4,098 bytes in 2,050 characters', { a: 'ä'.repeat(2_045) }],
    ['NUL in a value', { a: 'a\0' }],
    ['NUL in a name', { 'a\0': 1 }],
    ['half a surrogate pair', { a: '\udc00' }],
    ['a number without a word in JSON', { a: Number.POSITIVE_INFINITY }],
  ])('are refused: %s', ([, value]) => {
    expect(isAccepted(jsonObjectRule, value)).toBe(false);
  });
});

test('an external id is 1 to 255 visible characters', () => {
  for (const id of ['auth0|5f7c', 'a b', 'ä'.repeat(255)])
    expect(isAccepted(externalIdRule, id), id).toBe(true);
  const wrong = ['', ' ', ' a', 'a\n', 'a\u200b', '\u3164', 'a\0', '\ud800', 'a'.repeat(256)];
  for (const id of wrong) expect(isAccepted(externalIdRule, id), JSON.stringify(id)).toBe(false);
});

test('a reason is one visible line of at most 500 characters', () => {
  expect(reasonRule.parse(' stolen phone, ticket 7 ')).toBe('stolen phone, ticket 7');
  for (const reason of ['', '  ', 'a\nb', '\u202eb', 'a'.repeat(501)])
    expect(isAccepted(reasonRule, reason), JSON.stringify(reason)).toBe(false);
});
