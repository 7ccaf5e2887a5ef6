import type { z } from 'zod';

/** What the default of one setting may be made from. */
export type Known = {
  readonly production: boolean;
  /** Processors this process may use. */
  readonly cores: number;
  /** Threads of libuv's pool, which hashes share with files and names (UV_THREADPOOL_SIZE). */
  readonly threads: number;
  /** Another setting as it will be used: its value where it reads as text, otherwise its text. */
  text(name: 'PORT' | 'PUBLIC_URL' | 'APP_URL' | 'APP_NAME'): string;
};

/** A value, or the rule its text breaks. The rule is a fixed sentence: never the text (CF-1). */
type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rule: string };

/** One setting: how it is documented, what it is when unset, and how its text is read. */
export type Setting<T> = {
  readonly meaning: string;
  /** The default as docs/operating/settings.md shows it. */
  readonly shown: string;
  /** The default text; null when there is none. */
  fallback(known: Known): string | null;
  /** Where leaving it out is a problem, and what to do about it. */
  readonly needed: { readonly in: 'production' | 'always'; readonly hint: string } | null;
  /** Secrets are also read from NAME_FILE and never shown; of a `url` the host is shown. */
  readonly secret: 'whole' | 'url' | null;
  /** A text that breaks its rule is a warning, and the default is used. */
  readonly isLenient: boolean;
  read(text: string | null, production: boolean): Reading<T>;
};

/** A row of the table, before its defaults are filled in. */
export type SettingRow<T> = {
  readonly meaning: string;
  readonly schema: z.ZodType<T>;
  /** A fixed default; null for none. */
  readonly fallback: string | null | ((known: Known) => string | null);
  /** Shown in docs/operating/settings.md in place of a computed or an absent default. */
  readonly shown?: string;
  readonly needed?: Setting<T>['needed'];
  readonly secret?: Setting<T>['secret'];
  readonly isLenient?: boolean;
  /** A rule on top of the schema for production: the sentence it breaks, or null. */
  readonly production?: (value: T) => string | null;
};

/** Makes a setting of a row of the table. */
export function setting<T>(row: SettingRow<T>): Setting<T> {
  const { fallback } = row;
  return {
    meaning: row.meaning,
    shown: row.shown ?? (typeof fallback === 'string' ? fallback : 'none'),
    fallback: typeof fallback === 'function' ? fallback : () => fallback,
    needed: row.needed ?? null,
    secret: row.secret ?? null,
    isLenient: row.isLenient ?? false,
    read(text, production) {
      const result = row.schema.safeParse(text);
      if (!result.success) {
        return { ok: false, rule: result.error.issues.map((issue) => issue.message).join('; ') };
      }
      const rule = production ? (row.production?.(result.data) ?? null) : null;
      return rule === null ? { ok: true, value: result.data } : { ok: false, rule };
    },
  };
}
