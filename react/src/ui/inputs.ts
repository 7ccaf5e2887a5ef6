import type { Problem } from '../lib/problem.ts';
import type { Messages } from '../messages/messages.ts';

type Words = Messages['problems'];

/** The fields of a form that a person fills in. */
export function inputsOf(form: HTMLFormElement): readonly HTMLInputElement[] {
  return [...form.elements].filter(
    (element): element is HTMLInputElement =>
      element instanceof HTMLInputElement && element.name !== '',
  );
}

/**
 * The browser's validation with our own messages. The browser's bubbles disappear and are badly announced to
 * screen readers.
 */
export function problemOfInputs(form: HTMLFormElement, words: Words): Problem | null {
  const wrong = inputsOf(form).filter(({ validity }) => !validity.valid);
  if (wrong.length === 0) return null;
  return {
    summary: words.checkFields,
    fields: Object.fromEntries(wrong.map((input) => [input.name, wordsOf(input, words)])),
  };
}

function wordsOf({ validity, type, title }: HTMLInputElement, words: Words): string {
  if (validity.valueMissing) return type === 'checkbox' ? words.unchecked : words.required;
  if (validity.typeMismatch) return words.notAnAddress;
  return title || words.invalid;
}
