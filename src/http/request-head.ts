import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../settings/urls.ts';

/** A request whose head is as HTTP has it: its target, without the host that may stand before it. */
export type Head = { readonly method: string; readonly target: string };

/** One rule for the head of a request: true breaks it. */
type HeadRule = readonly [status: number, isBroken: (incoming: IncomingMessage) => boolean];

/**
 * What is wrong with a request before anybody looks at its route, in this order. None of these bodies
 * is read.
 */
const RULES: readonly HeadRule[] = [
  // RFC 9112 3.2: one Host, and one that can be a host. Several lines are joined with commas.
  [400, ({ httpVersion, headers: { host } }) => host === undefined && httpVersion !== '1.0'],
  [400, ({ headers: { host } }) => host !== undefined && !HOST.test(host)],
  // RFC 9112 6.1: HTTP/1.0 has no transfer codings, and other servers may read the length otherwise.
  [
    400,
    ({ httpVersion, headers }) =>
      httpVersion === '1.0' && headers['transfer-encoding'] !== undefined,
  ],
  // RFC 9112 6.1: a coding that is not understood.
  [501, ({ headers: { 'transfer-encoding': coding } }) => !isChunkedAtMost(coding)],
  // TRACE would read cookies back; the rest of the registry means nothing here (HT-6).
  [405, ({ method = 'GET' }) => !METHODS.has(method)],
];

const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function isChunkedAtMost(coding: string | undefined): boolean {
  return coding === undefined || coding.trim().toLowerCase() === 'chunked';
}

/**
 * Judges the head of a request.
 *
 * @param isDevelopment only names of this very machine are served. A page whose name was made to lead
 *   here could otherwise read the mailbox (HT-10)
 * @returns the status of its refusal when it is not to be served
 */
export function headOf(incoming: IncomingMessage, isDevelopment: boolean): Head | number {
  const broken = RULES.find(([, isBroken]) => isBroken(incoming));
  if (broken) return broken[0];
  const { method = 'GET', url = '', headers } = incoming;
  const target = targetOf(url, headers.host ?? '');
  if (target === null) return 400;
  if (isDevelopment && !isLoopback(nameOf(headers.host ?? ''))) return 421;
  return { method, target };
}

/**
 * The path and query of a target. An absolute form names its host a second time, which has to be the
 * same (RFC 9112 3.2.2): what stands in front may have looked at either.
 */
function targetOf(url: string, host: string): string | null {
  if (url === '/graphql') return url;
  if (url.startsWith('/')) return URL.canParse(`http://localhost${url}`) ? url : null;
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(url) ?? [];
  if (authority === undefined || authority.toLowerCase() !== host.toLowerCase()) return null;
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  return URL.canParse(`http://localhost${target}`) ? target : null;
}

/** A host without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '');
}
