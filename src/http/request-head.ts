import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../settings/urls.ts';

/** The method and the target of a request. If the target is an absolute URL, its host is removed. */
export type Head = { readonly method: string; readonly target: string };

/** One check of a request's head: its error response has this status if the check fails. */
type HeadCheck = readonly [
  status: number,
  name: string,
  fails: (incoming: IncomingMessage, isDevelopment: boolean) => boolean,
];

/** The checks of every request, in this order, before its route is known and its body is read. */
export const HEAD_CHECKS: readonly HeadCheck[] = [
  // RFC 9112 3.2: one Host, and one that can be a host. Several lines are joined with commas.
  [
    400,
    'HTTP/1.1 without Host',
    ({ httpVersion, headers: { host } }) => host === undefined && httpVersion !== '1.0',
  ],
  [400, 'malformed Host', ({ headers: { host } }) => host !== undefined && !HOST.test(host)],
  // RFC 9112 6.1: HTTP/1.0 has no transfer codings, and other servers may read the length otherwise.
  [
    400,
    'HTTP/1.0 with Transfer-Encoding',
    ({ httpVersion, headers }) =>
      httpVersion === '1.0' && headers['transfer-encoding'] !== undefined,
  ],
  // RFC 9112 6.1: a coding that is not understood.
  [
    501,
    'Transfer-Encoding other than chunked',
    ({ headers: { 'transfer-encoding': coding } }) => !isChunkedAtMost(coding),
  ],
  // TRACE would read cookies back; the rest of the registry means nothing here (HT-6).
  [405, 'unknown method', ({ method = 'GET' }) => !METHODS.has(method)],
  [
    400,
    'malformed target, or one of another host',
    ({ url = '', headers: { host = '' } }) => targetOf(url, host) === null,
  ],
  // In development only names of this machine are served. A page whose name was made to resolve to
  // this machine could otherwise read the mailbox (HT-10).
  [
    421,
    'development: Host is not this machine',
    ({ headers: { host = '' } }, isDevelopment) =>
      isDevelopment && !isLoopback(host.replace(/:\d*$/, '')),
  ],
];

const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function isChunkedAtMost(coding: string | undefined): boolean {
  return coding === undefined || coding.trim().toLowerCase() === 'chunked';
}

/**
 * Checks the head of a request.
 *
 * @returns the status of the error response if a check fails
 */
export function headOf(incoming: IncomingMessage, isDevelopment: boolean): Head | number {
  const failed = HEAD_CHECKS.find(([, , fails]) => fails(incoming, isDevelopment));
  if (failed) return failed[0];
  const { method = 'GET', url = '', headers } = incoming;
  return { method, target: targetOf(url, headers.host ?? '') ?? '/' };
}

/**
 * The path and query of a target. An absolute form names its host a second time, and it must be the
 * same (RFC 9112 3.2.2): a proxy in front may have read either.
 */
function targetOf(url: string, host: string): string | null {
  if (url === '/graphql') return url;
  if (url.startsWith('/')) return URL.canParse(`http://localhost${url}`) ? url : null;
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(url) ?? [];
  if (authority === undefined || authority.toLowerCase() !== host.toLowerCase()) return null;
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  return URL.canParse(`http://localhost${target}`) ? target : null;
}
