import { type Html, html } from '../kernel/html.ts';
import { withoutReordering } from '../kernel/unicode.ts';

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const ISOLATED = /\u2068([^\u2068\u2069]*)\u2069/u;

/**
 * The blocks of scripts that are written right to left (UCD, DerivedBidiClass.txt), and the control
 * characters that act like their letters.
 */
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}\p{Bidi_Control}]/u;

/**
 * Isolates a text that another person chose, such as a name, from the sentence around it (Unicode UAX 9).
 * Otherwise a name in Hebrew or Arabic, or a name with an override character, could reorder the words and
 * addresses around it.
 */
export function isolate(text: string): string {
  return `${FIRST_STRONG_ISOLATE}${withoutReordering(text)}${POP_ISOLATE}`;
}

/**
 * The sentence as plain text. Some mail programs draw a box for an isolating character, so the text
 * keeps these characters only around right-to-left text. All mails are in left-to-right languages.
 */
export function isolatedText(sentence: string): string {
  return parts(sentence)
    .map(({ text, isIsolated }) =>
      isIsolated && RIGHT_TO_LEFT.test(text)
        ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}`
        : text,
    )
    .join('');
}

/** The sentence as HTML, with `<bdi>` around each isolated text. */
export function isolatedHtml(sentence: string): readonly (string | Html)[] {
  return parts(sentence).map(({ text, isIsolated }) =>
    isIsolated ? html`<bdi>${text}</bdi>` : text,
  );
}

function parts(sentence: string) {
  return sentence.split(ISOLATED).map((text, index) => ({ text, isIsolated: index % 2 === 1 }));
}
