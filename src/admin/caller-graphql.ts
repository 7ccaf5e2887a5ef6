import type { Caller } from '../administrator/caller.ts';
import { NotAuthenticatedError } from '../kernel/errors.ts';
import { requireCaller } from './context.ts';
import { builder } from './graphql/builder.ts';
import { AdminPermissionType } from './graphql/errors.ts';

const AdminCallerKind = builder.enumType('AdminCallerKind', {
  description: 'What a caller is.',
  values: {
    TOKEN: { description: 'A machine with an admin token.' },
    PERSON: { description: 'A signed-in person.' },
  } as const,
});

const AdminCallerType = builder
  .objectRef<Exclude<Caller, { kind: 'COMMAND_LINE' }>>('AdminCaller')
  .implement({
    description: 'Who calls, and what they may do.',
    fields: (t) => ({
      kind: t.expose('kind', { type: AdminCallerKind, description: 'What the caller is.' }),
      name: t.exposeString('name', {
        description: 'The name of the token, or the person’s address.',
      }),
      permissions: t.field({
        type: [AdminPermissionType],
        description:
          'What the caller may do. A person must also have proven a second factor recently: see StepUpRequiredError.',
        resolve: ({ permissions }) => [...permissions],
      }),
    }),
  });

/** The one field without a permission: a page asks it what it may show (AD-2). */
builder.queryField('caller', (t) =>
  t.field({
    type: AdminCallerType,
    description:
      'The caller of this request. Without a valid token or session: an error with the code UNAUTHENTICATED.',
    resolve: async (_root, _args, context) => {
      const caller = await requireCaller(context);
      // A command has no credentials that it could ask about.
      if (caller.kind === 'COMMAND_LINE') throw new NotAuthenticatedError();
      return caller;
    },
  }),
);
