import type { CustomFetch } from 'openid-client';
import { SECOND } from '../../kernel/duration.ts';
import type { Clock } from '../../kernel/ports.ts';
import { RETRY_AFTER } from './metadata.ts';

/** The minimum time between two reads, even for an unknown key (docs/requirements.md, section 3: F-12). */
const KEEP_FOR = 30 * SECOND;

/**
 * Reads a provider's signing keys at most once in thirty seconds, however many tokens name an unknown key. A
 * key that the provider withdrew is trusted no longer than that. After a failed read, the provider is not asked
 * for five seconds.
 */
export function keepingKeys(
  fetch: CustomFetch,
  clock: Clock,
): (jwksUri: string | undefined) => CustomFetch {
  let kept: {
    readonly url: string;
    readonly answer: Promise<Answer>;
    readonly until: number;
  } | null = null;

  const ask: CustomFetch = async (url, options) => {
    const now = clock.now().getTime();
    if (!kept || kept.url !== url || now >= kept.until) {
      const answer = fetch(url, options).then(toAnswer);
      kept = { url, answer, until: now + KEEP_FOR };
      answer.catch(() => {
        if (kept?.answer === answer) {
          kept = { url, answer, until: clock.now().getTime() + RETRY_AFTER };
        }
      });
    }
    const { body, ...rest } = await kept.answer;
    return new Response(body, rest);
  };

  return (jwksUri) => (url, options) => (url === jwksUri ? ask(url, options) : fetch(url, options));
}

type Answer = { readonly body: string; readonly status: number; readonly headers: Headers };

async function toAnswer(response: Response): Promise<Answer> {
  if (!response.ok) throw new Error('The provider did not return its keys.');
  return { body: await response.text(), status: response.status, headers: response.headers };
}
