import { GraphQLError } from 'graphql';
import * as z from 'zod';
import { readTextFile, TextEncodingError } from '../settings/text-file.ts';
import type { FaultCode } from './faults.ts';

/** The operations that first-party clients were built with, by their hash. */
export type TrustedDocuments = ReadonlyMap<string, string>;

const documentsFile = z.record(z.string().regex(/^[\w:-]{1,128}$/), z.string().min(1));

/**
 * Reads a persisted-documents.json, as the client preset of graphql-codegen writes it: an object from hash to
 * document.
 *
 * @throws TypeError with a fixed message if the file is not such an object, so that the server does not start
 *   without its list
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
 * Looks up the document of a request. With a list, only documents of the list are executed (GQ-13).
 * Nothing can be added at run time: the list is an allow-list, not a cache. The hash comes as
 * `documentId`, or as Apollo's `extensions.persistedQuery.sha256Hash`.
 *
 * @returns the document's text, or the error if the list has none
 */
export function trustedQuery(documents: TrustedDocuments, params: unknown): string | GraphQLError {
  const hash = hashIn(params);
  if (hash === null) {
    return errorOf('PERSISTED_QUERY_ONLY', 'Only known operations are executed: send a hash.');
  }
  return documents.get(hash) ?? unknownHash();
}

/**
 * The error of a request that has a hash and no document; null for any other request. Without a list
 * no hash is known. Clients with automatic persisted queries then send the document.
 */
export function loneHash(params: { readonly query?: unknown }): GraphQLError | null {
  const isAlone = (params.query ?? '') === '' && hashIn(params) !== null;
  return isAlone ? unknownHash() : null;
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

/** Apollo's clients read the code, urql's the message. */
function unknownHash(): GraphQLError {
  return errorOf('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
}

function errorOf(code: FaultCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
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
