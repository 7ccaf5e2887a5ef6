import { ServiceUnavailableError } from '../../kernel/errors.ts';

/** What a check came to: `wrong` is to be mended, `warn` to be known. */
export type Level = 'ok' | 'warn' | 'wrong';

/** One line: what was looked at, how it is, and what to do. Never a secret. */
export type Finding = { readonly check: string; readonly level: Level; readonly sentence: string };

/** Makes the findings of one check. */
export function about(check: string) {
  const finding =
    (level: Level) =>
    (sentence: string): Finding => ({ check, level, sentence });
  return { ok: finding('ok'), warn: finding('warn'), wrong: finding('wrong') };
}

/** A check that fails is a finding itself: the others go on. */
export async function orWrong(
  check: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [about(check).wrong(reasonOf(error))];
  }
}

/** In words of our own: what libraries say may quote what they were working on. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something unknown was thrown';
  if (error instanceof ServiceUnavailableError && error.cause) return reasonOf(error.cause);
  const isOurs = !(error.name in globalThis);
  return isOurs ? error.message.replace(/\.$/, '') : `the check failed (${error.name})`;
}
