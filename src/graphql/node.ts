import { builder } from './builder.ts';

/**
 * What clients with normalized caches keep by its id. There is no `node(id)` field: everything is reached
 * through `viewer`, which decides what a person may see, and a second way in would have to decide it again.
 */
export const NodeInterface = builder.interfaceRef<{ readonly id: string }>('Node').implement({
  description:
    'Something with an id that no other thing has, whatever its type: a normalized cache can keep it by that id alone.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Unique over all types; never changes, never reused.' }),
  }),
});
