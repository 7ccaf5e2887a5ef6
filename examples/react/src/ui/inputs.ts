import type { Problem } from '../lib/problem.ts';

/** The fields of a form that a person fills in. */
export function inputsOf(form: HTMLFormElement): readonly HTMLInputElement[] {
  return [...form.elements].filter(
    (element): element is HTMLInputElement =>
      element instanceof HTMLInputElement && element.name !== '',
  );
}

/** What the browser finds wrong, in our words: its own bubbles vanish and are read out badly. */
export function problemOfInputs(form: HTMLFormElement): Problem | null {
  const wrong = inputsOf(form).filter(({ validity }) => !validity.valid);
  if (wrong.length === 0) return null;
  return {
    summary: 'Please look at what is marked.',
    fields: Object.fromEntries(wrong.map((input) => [input.name, wordsOf(input)])),
  };
}

function wordsOf({ validity, type, title }: HTMLInputElement): string {
  if (validity.valueMissing) return type === 'checkbox' ? 'Tick this first.' : 'Fill this in.';
  if (validity.typeMismatch) return 'This is not an email address.';
  return title || 'This is not what is asked for.';
}
