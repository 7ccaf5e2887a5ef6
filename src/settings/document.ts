import { FILE_SUFFIX } from './sources.ts';
import { SETTING_NAMES, SETTINGS } from './table.ts';

const START = '<!-- settings:start -->';
const END = '<!-- settings:end -->';

/** The settings as a table in Markdown. */
function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { shown, meaning, secret } = SETTINGS[name];
    const file = secret ? `; also \`${name}${FILE_SUFFIX}\`` : '';
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
  const start = document.indexOf(START);
  const end = document.indexOf(END, start);
  if (start < 0 || end < 0) return null;
  const head = document.slice(0, start + START.length);
  return `${head}\n\n${settingsTable()}\n\n${document.slice(end)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
