import { FILE_SUFFIX } from './sources.ts';
import { SETTING_NAMES, SETTINGS } from './table.ts';

const MARKS = { start: '<!-- settings:start -->', end: '<!-- settings:end -->' } as const;

/** The settings as a table in Markdown. */
function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { shown, meaning, secret } = SETTINGS[name];
    const file = secret ? `. Also as \`${name}${FILE_SUFFIX}\`` : '';
    return `| \`${name}\` | ${cell(shown)} | ${cell(meaning + file)} |`;
  });
  return ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/**
 * A document with the table put between its two marks.
 *
 * @returns null when the marks are missing
 */
export function withSettingsTable(document: string): string | null {
  return putBetween(document, MARKS, settingsTable());
}

/** @returns null when the marks are missing */
export function putBetween(
  document: string,
  marks: { readonly start: string; readonly end: string },
  text: string,
): string | null {
  const start = document.indexOf(marks.start);
  const end = document.indexOf(marks.end, start);
  if (start < 0 || end < 0) return null;
  return `${document.slice(0, start + marks.start.length)}\n\n${text}\n\n${document.slice(end)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
