/** HTML that was built by {@link html} and can be inserted into a page unescaped. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Fragment = string | number | Html | null | readonly Fragment[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A template for HTML: every inserted value is escaped unless it is Html itself, so escaping cannot be
 * forgotten (CVE-2022-31127: markup in an address, rendered in a mail). Insert values only between tags or
 * inside a quoted attribute.
 */
export function html(literals: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  return new Html(String.raw({ raw: literals }, ...values.map(markup)));
}

/** The text escaped for use between tags and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function markup(value: Fragment): string {
  if (value === null) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(markup).join('');
}
