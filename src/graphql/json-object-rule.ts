import * as z from 'zod';

/** The greatest size of an object in a column of a person, serialized. */
const MAX_BYTES = 4_096;

/** How many objects and lists may be inside one another. Deeper input is an attack on whoever walks it. */
const MAX_DEPTH = 8;

/** Names that change the prototype of an object that code copies them into, as a merge of settings does. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Postgres stores neither U+0000 nor half of a surrogate pair in `jsonb` (PostgreSQL manual, 8.14). */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function isPlain(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return isStorable(value);
  // The literal 1e999 of a document is read as Infinity, for which JSON has no word.
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth - 1));
  return Object.entries(value).every(
    ([name, item]) => isStorable(name) && !PROTOTYPE_NAMES.has(name) && isPlain(item, depth - 1),
  );
}

/**
 * A JSON object that is stored with a person: `attributes` and `preferences`. Its depth is checked before it is
 * serialized.
 */
export const jsonObjectRule = z
  .custom<Readonly<Record<string, unknown>>>()
  .refine((value) => isPlain(value, MAX_DEPTH), {
    abort: true,
    message: `This must be JSON at most ${MAX_DEPTH} levels deep, without U+0000 and without the names __proto__, constructor and prototype.`,
  })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_BYTES, {
    message: 'This must have at most 4,096 bytes of JSON.',
  });
