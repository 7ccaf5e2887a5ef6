import { idRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { adminRequest } from '../context.ts';
import { builder, writable } from '../graphql/builder.ts';
import { everyone } from '../graphql/errors.ts';
import { reasonRule } from '../inputs.ts';
import { type HandoverIssued, impersonateUser } from './impersonate.ts';

const HandoverIssuedType = builder.objectRef<HandoverIssued>('HandoverIssued').implement({
  description: 'The caller may start one session in which they act as the person.',
  fields: (t) => ({
    handoverToken: t.exposeString('handoverToken', {
      description:
        'Exchange it with `completeHandover` of the public API, where the application runs. It works once. Pass it in a body, never in a URL: only its hash is stored.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the token expires: a minute from now.',
    }),
  }),
});

const ImpersonateUserInput = builder.inputType('ImpersonateUserInput', {
  description: 'The person, and why.',
  fields: (t) => ({
    userId: t.id({
      required: true,
      description: 'The person’s id.',
      validate: { schema: idRule },
    }),
    reason: t.string({
      required: true,
      description: 'Why, for example the number of a ticket. The audit log keeps it.',
      validate: { schema: reasonRule },
    }),
  }),
});

builder.mutationField('impersonateUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_IMPERSONATE'),
    description:
      'Act as another person, to help them. People only: an admin token gets ForbiddenError, and so does everybody unless IMPERSONATION is on. The caller must have every permission of this API that the person has. The session that follows changes nothing of the account, lasts at most IMPERSONATION_MAX_AGE, and ends with the caller’s own session, account or permission.',
    types: [HandoverIssuedType, NotFoundError, ...everyone],
    union: resultUnion('impersonateUser'),
    args: {
      input: t.arg({ type: ImpersonateUserInput, required: true, description: 'The person.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { userId, reason } = input;
      const request = await adminRequest(context, 'USERS_IMPERSONATE', reason);
      return await impersonateUser(context.deps, { ...request, userId, reason });
    },
  }),
);
