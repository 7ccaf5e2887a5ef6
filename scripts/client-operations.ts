/**
 * Writes the typed operations of @latchkey/client from the schema; with `--check` it only
 * compares, and fails when they differ.
 */
import { createSchema } from '../src/api/schema.ts';
import { keepInStep } from './sdl/keep-in-step.ts';
import { typescriptModule } from './sdl/typescript.ts';

keepInStep(
  'client/src/generated/operations.ts',
  typescriptModule(createSchema()),
  'client:operations',
);
