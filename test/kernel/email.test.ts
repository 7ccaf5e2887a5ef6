import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalEmail } from '../../src/kernel/email.ts';

describe('canonicalEmail', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['Ada.Lovelace+tag@Example.COM', 'ada.lovelace+tag@example.com'],
    ["o'brien@example.ie", "o'brien@example.ie"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    // Full-width letters and digits equal the plain ones.
    ['ａｄａ１@ｅｘａｍｐｌｅ.com', 'ada1@example.com'],
    // A single full-width at sign is an at sign: one address, one meaning.
    ['ada＠example.com', 'ada@example.com'],
    // U+212A KELVIN SIGN is k, U+017F LONG S is s: both spellings are the same account.
    ['mi\u212Ae@example.com', 'mike@example.com'],
    ['\u017Fam@example.com', 'sam@example.com'],
    // Composed and decomposed spellings are equal, even if only the lower case can be composed.
    ['J\u030Can@example.com', '\u01F0an@example.com'],
    ['re\u0301my@example.com', 'r\u00E9my@example.com'],
  ])('reads %j as %j', (text, canonical) => {
    expect(canonicalEmail(text)).toBe(canonical);
  });

  test.each([
    // LG-7 by name
    ['two recipients', 'a@evil.com,v@victim.com'],
    ['a second at sign that NFKC makes', 'v@evil.com＠victim.com'],
    ['a header in a quoted local part', '"a\r\nBcc:x"@b.c'],
    ['angle brackets', '<a@b>'],
    // recipients and headers by other means
    ['a full-width comma', 'a@evil.com，v@victim.com'],
    ['a small comma', 'a@evil.com﹐v@victim.com'],
    ['a semicolon', 'a@evil.com;v@victim.com'],
    ['a full-width semicolon', 'a@evil.com；v@victim.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['full-width angle brackets', '＜ada@example.com＞'],
    ['a comment', 'ada(comment)@example.com'],
    ['a comment in the domain', 'ada@example.com(comment)'],
    ['a group', 'group:ada@example.com'],
    ['a quoted local part', '"ada"@example.com'],
    ['a full-width quote', '＂ada＂@example.com'],
    ['a backslash', 'ada\\@example.com'],
    ['a carriage return', 'ada@example.com\r'],
    ['a line feed and a header', 'ada@example.com\nBcc: v@victim.com'],
    ['a line separator', 'ada@example.com\u2028Bcc: v@victim.com'],
    ['a next line', 'ada\u0085@example.com'],
    ['NUL', 'ada\u0000@example.com'],
    ['a tab', 'ada\t@example.com'],
    ['a space inside', 'ada love@example.com'],
    ['a space before', ' ada@example.com'],
    ['a space after', 'ada@example.com '],
    ['an ideographic space', 'ada\u3000@example.com'],
    ['a no-break space', 'ada\u00A0@example.com'],
    // invisible characters
    ['a zero-width space', 'ada\u200B@example.com'],
    ['a zero-width joiner', 'ada\u200D@example.com'],
    ['a soft hyphen', 'ada\u00AD@example.com'],
    ['a right-to-left override', '\u202Eada@example.com'],
    ['a byte order mark', '\uFEFFada@example.com'],
    ['a lone surrogate', 'ada\uD800@example.com'],
    ['a private-use character', 'ada\uE000@example.com'],
    ['a zero-width space in the domain', 'ada@exam\u200Bple.com'],
    ['a soft hyphen in the domain', 'ada@exam\u00ADple.com'],
    // not an address
    ['nothing', ''],
    ['no at sign', 'ada.example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['two at signs', 'a@b@example.com'],
    ['a dot first', '.ada@example.com'],
    ['a dot last', 'ada.@example.com'],
    ['two dots', 'a..da@example.com'],
    // not a public domain
    ['localhost', 'ada@localhost'],
    ['a bare label', 'ada@example'],
    ['a trailing dot', 'ada@example.com.'],
    ['a leading dot', 'ada@.example.com'],
    ['two dots in the domain', 'ada@example..com'],
    ['an ideographic full stop', 'ada@example。com'],
    ['an address literal', 'ada@[127.0.0.1]'],
    ['an IPv4 address', 'ada@127.0.0.1'],
    ['a short IPv4 address', 'ada@127.1'],
    ['a hexadecimal IPv4 address', 'ada@0x7f.1'],
    ['a port', 'ada@example.com:25'],
    ['a path', 'ada@example.com/x'],
    ['a query', 'ada@example.com?x'],
    ['a fragment', 'ada@example.com#x'],
    ['an escaped letter', 'ada@ex%61mple.com'],
    ['an underscore', 'ada@ex_ample.com'],
    ['a hyphen first', 'ada@-example.com'],
    ['a hyphen last', 'ada@example-.com'],
    ['broken punycode', 'ada@xn--a\u00E4.com'],
    ['a route', '@relay.com:ada@example.com'],
    ['a bang path with two hosts', 'host!ada@a@b.com'],
  ])('refuses %s', (_, text) => {
    expect(canonicalEmail(text)).toBeNull();
  });

  test('LG-10: rejects every character that is invisible or reorders text, in every position', () => {
    const unseen = Array.from({ length: 0x110000 }, (_, point) => point)
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point))
      .filter((character) => /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u.test(character));
    // 4,174 as of Unicode 16. If the regular expression did not find them, this test would prove nothing.
    expect(unseen.length).toBeGreaterThan(4_000);
    expect(unseen).toEqual(
      expect.arrayContaining(['\u034F', '\uFE0F', '\u3164', '\u180B', '\u17B4', '\u200E']),
    );
    const accepted = unseen.flatMap((character) =>
      [
        `${character}victim@example.com`,
        `vic${character}tim@example.com`,
        `victim${character}@example.com`,
        `victim@${character}example.com`,
        `victim@exam${character}ple.com`,
        `victim@example.com${character}`,
      ].filter((address) => canonicalEmail(address) !== null),
    );
    expect(accepted).toEqual([]);
  });

  test('counts bytes, not characters, at the limits', () => {
    const domain = `${'d'.repeat(61)}.${'d'.repeat(61)}.${'d'.repeat(61)}`;
    expect(canonicalEmail(`${'a'.repeat(64)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'a'.repeat(65)}@example.com`)).toBeNull();
    expect(canonicalEmail(`${'é'.repeat(32)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'é'.repeat(33)}@example.com`)).toBeNull();
    const head = `${'a'.repeat(64)}@${domain}.`;
    expect(head).toHaveLength(251);
    expect(canonicalEmail(`${head}com`)).toHaveLength(254);
    expect(canonicalEmail(`${head}comm`)).toBeNull();
    expect(canonicalEmail(`a@${'x'.repeat(64)}.com`)).toBeNull();
  });

  test('rejects a megabyte at once', () => {
    const started = performance.now();
    expect(canonicalEmail(`${'\uFDFA'.repeat(1_000_000)}@example.com`)).toBeNull();
    expect(canonicalEmail(`${'a.'.repeat(120)}@example.com`)).toBeNull();
    expect(performance.now() - started).toBeLessThan(50);
  });

  test('is a fixed point with one at sign and nothing that a mail library could misread', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .tuple(
          fc.string({ unit: 'grapheme', maxLength: 20 }),
          fc.constantFrom('a.com', 'Ä.de', 'b'),
        )
        .map(([local, domain]) => `${local}@${domain}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const canonical = canonicalEmail(text);
        if (canonical === null) return;
        expect(canonicalEmail(canonical)).toBe(canonical);
        expect(canonical.split('@')).toHaveLength(2);
        expect(canonical).not.toMatch(/[\s"(),:;<>[\]\\\p{C}]/u);
        expect(canonical).not.toMatch(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u);
        expect(Buffer.byteLength(canonical)).toBeLessThanOrEqual(254);
      }),
      { numRuns: 5000 },
    );
  });
});
