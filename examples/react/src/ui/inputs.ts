import type { Problem } from '../lib/problem.ts';

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
export function problemOfInputs(form: HTMLFormElement): Problem | null {
  const wrong = inputsOf(form).filter(({ validity }) => !validity.valid);
  if (wrong.length === 0) return null;
  return {
    summary: 'Please check the marked fields.',
    fields: Object.fromEntries(wrong.map((input) => [input.name, wordsOf(input)])),
  };
}

function wordsOf({ validity, type, title }: HTMLInputElement): string {
  if (validity.valueMissing)
    return type === 'checkbox' ? 'Check this box first.' : 'This field is required.';
  if (validity.typeMismatch) return 'This is not an email address.';
  return title || 'This value is not valid.';
}
