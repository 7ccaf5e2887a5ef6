import type { z } from 'zod';

/** The facts that a default may be computed from. */
export type Known = {
  readonly production: boolean;
  /** Processors this process may use. */
  readonly cores: number;
  /** Threads of libuv's pool, which hashes share with files and DNS (UV_THREADPOOL_SIZE). */
  readonly threads: number;
  /** Another setting as it will be used: its value if that is a text, otherwise its text. */
  text(name: 'PORT' | 'PUBLIC_URL' | 'APP_URL' | 'APP_NAME' | 'ADMIN_PORT'): string;
};

/** A value, or the rule that its text breaks. A rule is a fixed text and never repeats the value (CF-1). */
type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rule: string };

/** One setting: its documentation, its default, and how its text is read. */
export type Setting<T> = {
  readonly meaning: string;
  /** The default as docs/operating/settings.md shows it. */
  readonly shown: string;
  /** The default text; null if there is none. */
  fallback(known: Known): string | null;
  /** Where the setting is required, and what to do if it is missing. */
  readonly needed: { readonly in: 'production' | 'always'; readonly hint: string } | null;
  /** Secrets are also read from NAME_FILE and never shown, except for the host of a `url`. */
  readonly secret: 'whole' | 'url' | null;
  /** If true, an invalid text is a warning, and the default is used. */
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
  /** An additional rule for production. Returns the broken rule, or null. */
  readonly production?: (value: T) => string | null;
};

/** Creates a setting from a row of the table. */
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
