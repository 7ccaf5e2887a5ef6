/**
 * Writes docs/api.md from the schema; with `--check` it only compares, and fails when they differ.
 */
import { createSchema } from '../src/graphql-engine/schema.ts';
import { apiDocument } from './sdl/document.ts';
import { keepInStep } from './sdl/keep-in-step.ts';

keepInStep('docs/api.md', apiDocument(createSchema()), 'api-doc');
