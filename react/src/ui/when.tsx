import { useEffect, useState } from 'react';
import { useMessages } from '../context.ts';
import { serverNow } from '../lib/server-clock.ts';

/** Times are written in the language of the texts, as the reader's country writes them. */
function localeOf(language: string): string {
  const wanted = navigator.languages.find(
    (one) => one === language || one.startsWith(`${language}-`),
  );
  return wanted ?? language;
}

/** A time, in the reader’s time zone. */
export function When({ at }: { readonly at: string }) {
  const { locale } = useMessages();
  return <time dateTime={at}>{exact(at, locale)}</time>;
}

const MINUTE = 60_000;

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 24 * 60 * MINUTE],
  ['month', 30 * 24 * 60 * MINUTE],
  ['week', 7 * 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
];

/** How long ago something was, with the exact time on hover. */
export function Ago({ at }: { readonly at: string }) {
  const { locale, common } = useMessages();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={exact(at, locale)}>
      {relative(at, locale) ?? common.justNow}
    </time>
  );
}

function exact(at: string, locale: string): string {
  const format = new Intl.DateTimeFormat(localeOf(locale), {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  return format.format(new Date(at));
}

/** Null within the first minute. */
function relative(at: string, locale: string): string | null {
  const format = new Intl.RelativeTimeFormat(localeOf(locale), { numeric: 'auto' });
  // A clock that is a little behind must not announce the future.
  const age = Math.max(0, serverNow() - Date.parse(at));
  const found = UNITS.find(([, one]) => age >= one);
  if (!found) return null;
  const [unit, length] = found;
  return format.format(-Math.floor(age / length), unit);
}
