import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import type { IntrospectionQuery } from 'graphql';

/** What `gql.tada generate-output` writes. Its command line needs TypeScript 5 or 6, these functions do not. */
export function tadaEnvironment(introspection: IntrospectionQuery): string {
  return outputIntrospectionFile(minifyIntrospection(introspection as never), {
    fileType: 'graphql-env.d.ts',
    shouldPreprocess: true,
  });
}
