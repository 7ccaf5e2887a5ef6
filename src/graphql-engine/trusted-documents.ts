import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import * as z from 'zod';
import { readTextFile, TextEncodingError } from '../settings/text-file.ts';
import type { FaultCode } from './mask-error.ts';

/** The operations first-party clients were built with, by their hash. */
export type TrustedDocuments = ReadonlyMap<string, string>;

const documentsFile = z.record(z.string().regex(/^[\w:-]{1,128}$/), z.string().min(1));

/**
 * Reads a persisted-documents.json as graphql-codegen's client preset writes it: hash to document.
 *
 * @throws Error, in fixed words, when it is not one: the server must not start without its list
 */
export async function readTrustedDocuments(path: string): Promise<TrustedDocuments> {
  const file = documentsFile.safeParse(parseJson(readDocuments(path)));
  if (!file.success) {
    throw new TypeError('TRUSTED_DOCUMENTS must be a JSON object of documents by their hash.');
  }
  return new Map(
    Object.entries(file.data).map(([hash, document]) => [withoutAlgorithm(hash), document]),
  );
}

/**
 * With a list, only what is on it is executed (GQ-13). Nothing can be added at run time: this is an
 * allow-list, not a cache. The hash comes as `documentId`, or as Apollo's
 * `extensions.persistedQuery.sha256Hash`.
 *
 * @returns the document's text, or why there is none
 */
export function trustedQuery(documents: TrustedDocuments, params: unknown): string | GraphQLError {
  const hash = hashIn(params);
  if (hash === null) {
    return refusal('PERSISTED_QUERY_ONLY', 'Only known operations are executed: send a hash.');
  }
  return documents.get(hash) ?? unknownHash();
}

/**
 * The refusal of a hash in the place of a document; null where there is a document, or neither.
 * Without a list no hash is known. Clients with automatic persisted queries then send the document.
 */
export function hashAlone(params: { readonly query?: unknown }): GraphQLError | null {
  const isAlone = (params.query ?? '') === '' && hashIn(params) !== null;
  return isAlone ? unknownHash() : null;
}

/** The same as Yoga's plugin. */
export function onlyTrustedDocuments(documents: TrustedDocuments): Plugin {
  return {
    onParams({ params, setParams }) {
      const query = trustedQuery(documents, params);
      if (typeof query !== 'string') throw query;
      const { operationName, variables } = params;
      setParams({
        query,
        ...(operationName !== undefined && { operationName }),
        ...(variables !== undefined && { variables }),
      });
    },
  };
}

const hashed = z.union([
  z.object({ documentId: z.string() }).transform(({ documentId }) => documentId),
  z
    .object({ extensions: z.object({ persistedQuery: z.object({ sha256Hash: z.string() }) }) })
    .transform(({ extensions }) => extensions.persistedQuery.sha256Hash),
]);

function hashIn(params: unknown): string | null {
  const found = hashed.safeParse(params);
  return found.success ? withoutAlgorithm(found.data) : null;
}

/** Some clients and some lists write the algorithm before the hash: `sha256:…`. */
function withoutAlgorithm(hash: string): string {
  return hash.replace(/^sha256:/, '');
}

/** Apollo's clients look at the code, and urql's at the message. */
function unknownHash(): GraphQLError {
  return refusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
}

function refusal(code: FaultCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400, spec: false } } });
}

function readDocuments(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (!(error instanceof TextEncodingError)) throw error;
    throw new TypeError(`TRUSTED_DOCUMENTS names a file that ${error.message}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
