import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './sources.ts';

/** The name of an event: lower case at the beginning, no punctuation at the end, no value in it. */
const EVENT = /^[a-z][A-Za-z0-9 /-]{2,59}$/;

const CALL = /\b[lL]og\??\.(?:debug|info|warn|error)\(/g;

/** The text of a call's arguments, up to its closing parenthesis. */
function argumentsAt(text: string, start: number): string {
  let depth = 1;
  let end = start;
  while (depth > 0 && end < text.length) {
    if (text[end] === '(') depth += 1;
    if (text[end] === ')') depth -= 1;
    end += 1;
  }
  return text.slice(start, end - 1);
}

/** What each log call of a file names its event. A name that is not written there is left out. */
function eventsOf({ path, text }: SourceFile): readonly { path: string; event: string }[] {
  return [...text.matchAll(CALL)].flatMap((call) => {
    const given = argumentsAt(text, call.index + call[0].length);
    const [, quote, event = ''] = /([`'"])([^`'"]*)\1,?\s*$/.exec(given) ?? [];
    if (quote === undefined) return [];
    return [{ path, event: quote === "'" ? event : `${quote}${event}` }];
  });
}

function wrongEvents(file: SourceFile): readonly string[] {
  return eventsOf(file)
    .filter(({ event }) => !EVENT.test(event))
    .map(({ path, event }) => `${path}: ${event}`);
}

test('every log event is a name in lower case, without a period and without values', () => {
  const files = sourceFiles();
  expect(files.flatMap(eventsOf).length).toBeGreaterThan(40);
  expect(files.flatMap(wrongEvents)).toEqual([]);
});

test('the rule sees what it forbids: sentences, capitals, periods, templates', () => {
  const file = (text: string): SourceFile => ({ path: 'mail/a.ts', text, lines: 1 });
  const wrong = [
    "log.info({}, 'Mail sent.');",
    "deps.log.warn({ err: error }, 'mail sent.');",
    "log.error(\n  { a: f(b) },\n  'The outbox failed',\n);",
    'log.debug({}, `mail $' + '{id} sent`);',
    "log.info({}, 'the clock moved; nothing was changed, and everything goes on');",
  ];
  expect(wrong.flatMap((text) => wrongEvents(file(text)))).toHaveLength(wrong.length);
  expect(wrongEvents(file("log.info({ id: row.id }, 'mail sent');"))).toEqual([]);
});
