import { describe, expect, test } from 'vitest';
import { escapeHtml, html } from '../../src/kernel/html.ts';

describe('html', () => {
  test('escapes inserted values, between tags and in attributes', () => {
    const evil = `"><script>alert('x')</script>&`;
    expect(html`<a title="${evil}">${evil}</a>`.toString()).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>`,
    );
  });

  test('inserts its own results unchanged, alone and in lists', () => {
    const items = ['<a>', 'b'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${null}${3}`.toString()).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li></ul>3',
    );
  });

  test('does not treat an object as Html because it has a toString', () => {
    // @ts-expect-error only text, numbers and Html may be filled in
    expect(() => html`${{ toString: () => '<b>' }}`.toString()).toThrow(TypeError);
  });

  test('escapes each of the five characters', () => {
    expect(escapeHtml(`&<>"'`)).toBe('&amp;&lt;&gt;&quot;&#39;');
  });
});
