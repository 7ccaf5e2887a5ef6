/**
 * Writes the typed operations of @latchkey/client from the schema, the list of all its documents for
 * TRUSTED_DOCUMENTS, and what normalized caches need to know; with `--check` it only compares, and
 * fails if they differ.
 */
import { createSchema } from '../src/graphql-engine/schema.ts';
import { cacheModule } from './sdl/cache.ts';
import { sessionDocumentsModule, trustedDocumentsFile } from './sdl/client-documents.ts';
import { keepInStep } from './sdl/keep-in-step.ts';
import { typescriptModule } from './sdl/typescript.ts';

const schema = createSchema();
const files = {
  'client/src/generated/operations.ts': typescriptModule(schema),
  'client/src/generated/session-documents.ts': sessionDocumentsModule(),
  'client/src/generated/cache.ts': cacheModule(schema),
  'client/operations.json': trustedDocumentsFile(schema),
};
for (const [path, wanted] of Object.entries(files)) keepInStep(path, wanted, 'client:operations');
