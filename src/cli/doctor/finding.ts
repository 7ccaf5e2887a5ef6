import { ServiceUnavailableError } from '../../kernel/errors.ts';

/** The result of a check: `wrong` must be repaired, `warn` should be known. */
export type Level = 'ok' | 'warn' | 'wrong';

/** One line: the check, its result, and what to do. Never a secret. */
export type Finding = { readonly check: string; readonly level: Level; readonly sentence: string };

/** Creates the findings of one check. */
export function about(check: string) {
  const finding =
    (level: Level) =>
    (sentence: string): Finding => ({ check, level, sentence });
  return { ok: finding('ok'), warn: finding('warn'), wrong: finding('wrong') };
}

/** Runs a check. If the check itself fails, that is a finding, and the other checks continue. */
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

/** The reason in this server's own words. A library's message may quote its input. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error occurred';
  if (error instanceof ServiceUnavailableError && error.cause) return reasonOf(error.cause);
  const isOurs = !(error.name in globalThis);
  return isOurs ? error.message.replace(/\.$/, '') : `the check failed (${error.name})`;
}
