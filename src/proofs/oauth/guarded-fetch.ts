import { lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import { CollectedBytes } from '../../kernel/collected-bytes.ts';
import { isPrivateAddress, isPublicAddress } from '../../kernel/public-address.ts';
import { isLoopback } from '../../settings/urls.ts';

/** Why a request to a provider was not sent, or its response not read. */
type Refusal =
  | 'NOT_HTTPS'
  | 'PRIVATE_ADDRESS'
  | 'REDIRECTED'
  | 'ANSWER_TOO_LARGE'
  | 'ANSWER_ENCODED';

/** A request to a provider that this server does not send or does not continue (OA-9). */
class RefusedCall extends Error {
  override readonly name = 'RefusedCall';
  readonly code: Refusal;

  constructor(code: Refusal) {
    super(`A request to a provider was blocked (${code}).`);
    this.code = code;
  }
}

/** Where requests may go besides the public internet, and how names are resolved. */
export type GuardedFetchOptions = {
  /** True for a provider whose issuer is configured on loopback, for development and tests. */
  readonly allowLoopback: boolean;
  /** The one origin that may be in a private network: the provider's own, if its settings say so. */
  readonly privateOrigin?: string | null;
  readonly lookup?: LookupFunction;
};

const MAX_ANSWER_BYTES = 65_536;
const MAX_ANSWER_PIECES = 1_024;
const MAX_HEADER_BYTES = 16_384;

/**
 * The only way to send a request to a provider. The provider's metadata names the hosts, so a hostile or
 * compromised provider could point this server at its own network. The resolved address is therefore checked in
 * the very connection that uses it, so that a second DNS answer cannot replace it (OA-9, CVE-2026-55671).
 * Redirects are not followed, and no response is read beyond 64 kB.
 */
export function createGuardedFetch({
  allowLoopback,
  privateOrigin = null,
  lookup = systemLookup,
}: GuardedFetchOptions): CustomFetch {
  const isAllowed = (address: string, origin: string) =>
    isPublicAddress(address) ||
    (allowLoopback && isLoopback(address)) ||
    (origin === privateOrigin && isPrivateAddress(address));

  const guardedLookup =
    (origin: string): LookupFunction =>
    (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, '');
        const addresses = Array.isArray(found) ? found : [];
        const first = addresses[0];
        // One private address among public ones is not an accident, so none of them is used.
        if (!first || !addresses.every(({ address }) => isAllowed(address, origin))) {
          return callback(new RefusedCall('PRIVATE_ADDRESS'), '');
        }
        if (options.all) return callback(null, addresses);
        callback(null, first.address, first.family);
      });
    };

  return async (text, options) => {
    const url = new URL(text);
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const isPlainLoopback = url.protocol === 'http:' && allowLoopback && isLoopback(host);
    if (url.protocol !== 'https:' && !isPlainLoopback) throw new RefusedCall('NOT_HTTPS');
    // For an address literal, lookup is not called.
    if (isIP(host) !== 0 && !isAllowed(host, url.origin)) throw new RefusedCall('PRIVATE_ADDRESS');
    return await send(url, options, guardedLookup(url.origin));
  };
}

function send(url: URL, options: CustomFetchOptions, lookup: LookupFunction): Promise<Response> {
  const { method, headers, signal } = options;
  const body = textOf(options.body);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: { ...headers, 'accept-encoding': 'identity' },
      agent: false,
      lookup,
      maxHeaderSize: MAX_HEADER_BYTES,
      ...(signal && { signal }),
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      read(answer).then(resolve, (error) => {
        answer.destroy();
        reject(error);
      });
    });
    sent.end(body);
  });
}

/** The library only sends forms. */
function textOf(body: CustomFetchOptions['body']): string | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString();
  throw new TypeError('The body of a request to a provider has an unknown type.');
}

async function read(answer: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, headers } = answer;
  if (status >= 300 && status < 400) throw new RefusedCall('REDIRECTED');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new RefusedCall('ANSWER_ENCODED');
  }
  const collected = new CollectedBytes({ bytes: MAX_ANSWER_BYTES, pieces: MAX_ANSWER_PIECES });
  for await (const piece of answer) {
    if (collected.add(piece) !== null) throw new RefusedCall('ANSWER_TOO_LARGE');
  }
  const given = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const hasNoBody = status === 204 || status === 205;
  return new Response(hasNoBody ? null : collected.bytes(), { status, headers: given });
}
