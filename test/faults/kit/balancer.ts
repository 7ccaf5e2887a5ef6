import { setTimeout as sleep } from 'node:timers/promises';
import { type Exchange, openUpstream, type Upstream } from './http.ts';

/** How often a load balancer asks /health/ready, in milliseconds. */
const HEALTH_INTERVAL = 250;

/** A client's retry: so many tries, so long apart (docs/requirements.md, section 3). */
export const TRIES = 3;
const BACK_OFF = 200;

/** An answer of /graphql, or the lack of one. */
export type Answer = Exchange & {
  readonly server: string;
  /** The root field that was asked for. */
  readonly field: string;
  /** The one root field's value; null without one. */
  // biome-ignore lint/suspicious/noExplicitAny: a client looks into the answer to its own question
  readonly value: any;
  /** The code of the first top-level error. */
  readonly code: string | null;
};

/** What one call says and who it seems to come from. */
type CallOptions = {
  readonly token?: string;
  /** The person's own address, as the proxy in front would write it. */
  readonly from?: string;
};

/** Several servers behind one door. Reports every single try to its listener. */
export type Balancer = {
  /** With a client's retry: the answer of the last try. */
  call(query: string, variables?: object, options?: CallOptions): Promise<Answer>;
  /** A single try. */
  once(query: string, variables?: object, options?: CallOptions): Promise<Answer>;
  /** Servers in turn from now on; those that are gone get no new request. */
  route(urls: readonly string[]): void;
  onTry(listener: (answer: Answer) => void): void;
  close(): void;
};

/**
 * Picks ready servers in turn. When none is ready it asks them all the same (the "panic mode" of
 * real ones), so that what a server without its database answers is seen.
 */
export function openBalancer(urls: readonly string[]): Balancer {
  const upstreams = new Map<string, Upstream>();
  const unready = new Set<string>();
  const listeners: ((answer: Answer) => void)[] = [];
  let routed: readonly string[] = [];
  let turn = 0;

  const upstreamOf = (url: string) => {
    const known = upstreams.get(url) ?? openUpstream(url);
    upstreams.set(url, known);
    return known;
  };
  const look = async (url: string) => {
    const { status } = await upstreamOf(url).send('/health/ready', { timeout: 1_000 });
    if (status === 200) unready.delete(url);
    else unready.add(url);
  };
  const timer = setInterval(() => {
    for (const url of routed) void look(url);
  }, HEALTH_INTERVAL);

  const pick = () => {
    const ready = routed.filter((url) => !unready.has(url));
    const from = ready.length > 0 ? ready : routed;
    turn += 1;
    const url = from[turn % from.length];
    if (url === undefined) throw new TypeError('There is no server to ask.');
    return upstreamOf(url);
  };

  const once: Balancer['once'] = async (query, variables = {}, { token, from } = {}) => {
    const upstream = pick();
    const exchange = await upstream.send('/graphql', {
      json: { query, variables },
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(from !== undefined && { 'x-forwarded-for': from }),
      },
    });
    const answer = {
      ...exchange,
      server: upstream.url,
      field: fieldOf(query),
      ...readAnswer(exchange.text),
    };
    for (const listener of listeners) listener(answer);
    return answer;
  };

  const balancer: Balancer = {
    once,
    async call(query, variables, options) {
      let answer = await once(query, variables, options);
      for (let tries = 1; tries < TRIES && isRetryable(answer); tries += 1) {
        await sleep(BACK_OFF);
        answer = await once(query, variables, options);
      }
      return answer;
    },
    route(wanted) {
      routed = [...wanted];
      for (const [url, upstream] of upstreams) {
        if (routed.includes(url)) continue;
        upstream.close();
        upstreams.delete(url);
        unready.delete(url);
      }
    },
    onTry: (listener) => void listeners.push(listener),
    close() {
      clearInterval(timer);
      for (const upstream of upstreams.values()) upstream.close();
    },
  };
  balancer.route(urls);
  return balancer;
}

/** No answer, or one that says: not now. */
function isRetryable({ status }: Exchange): boolean {
  return status === null || status === 502 || status === 503;
}

/** The server said in its own words that it cannot now (RR-8). */
export function isUnavailable({ status, code }: Answer): boolean {
  return status === 503 && code === 'SERVICE_UNAVAILABLE';
}

/** The type of the result; the code of the error without one; the failure without an answer. */
export function kindOf({ value, code, failure, status }: Answer): string {
  return value?.__typename ?? code ?? failure ?? String(status);
}

/** The first name inside of the outermost braces. */
function fieldOf(query: string): string {
  return /{\s*(\w+)/.exec(query)?.[1] ?? '';
}

function readAnswer(text: string): Pick<Answer, 'value' | 'code'> {
  if (!text.startsWith('{')) return { value: null, code: null };
  const { data, errors } = JSON.parse(text);
  return {
    value: data ? Object.values(data)[0] : null,
    code: errors?.[0]?.extensions?.code ?? null,
  };
}
