import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CodegenConfig } from '@graphql-codegen/cli';

/** The printed schema of this repository; in a copy of this app, the server of `npm start`. */
const PRINTED = '../../schema.graphql';
const isInRepository = existsSync(fileURLToPath(new URL(PRINTED, import.meta.url)));
const { LATCHKEY_URL = 'http://localhost:4000' } = process.env;

/** `npm run codegen`: types for every `graphql(…)` of these pages. */
const config: CodegenConfig = {
  schema: isInRepository ? PRINTED : `${LATCHKEY_URL}/graphql`,
  documents: ['src/**/*.{ts,tsx}', '!src/generated/**'],
  generates: {
    './src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { DateTime: 'string', EmailAddress: 'string', URL: 'string' },
      },
    },
  },
};

export default config;
