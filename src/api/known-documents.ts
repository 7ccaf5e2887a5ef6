import type { DocumentNode } from 'graphql';
import { createDocumentCache, type DocumentCache } from './document-cache.ts';

/** Documents by their text, and which of them were found to be good. */
export type KnownDocuments = {
  /** What was parsed, good or not; bounded. */
  readonly parsed: DocumentCache<DocumentNode>;
  /** Remembers that a document passed the limits and every rule of validation. */
  approve(document: DocumentNode): void;
  /** A document that was approved; undefined for any other text. */
  approved(text: string): DocumentNode | undefined;
};

/** The memory that lets an operation seen before go straight to its execution. */
export function createKnownDocuments(): KnownDocuments {
  const parsed = createDocumentCache<DocumentNode>();
  const good = new WeakSet<DocumentNode>();
  return {
    parsed,
    approve: (document) => {
      good.add(document);
    },
    approved: (text) => {
      const document = parsed.get(text);
      return document && good.has(document) ? document : undefined;
    },
  };
}
