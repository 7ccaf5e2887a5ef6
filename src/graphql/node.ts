import { builder } from './builder.ts';

/**
 * The interface of objects that normalized caches store by id. There is no field `node(id)`: everything is
 * reached through `viewer`, which decides what a person may see, and a second entry point would have to decide
 * it again.
 */
export const NodeInterface = builder.interfaceRef<{ readonly id: string }>('Node').implement({
  description:
    'An object whose id is unique across all types, so that a normalized cache can store it under the id alone.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Unique across all types. An id never changes and is never reused.',
    }),
  }),
});
