import { run } from '../../db/executor.ts';
import { emailRule, idRule, localeRule, nameRule, readName } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { type ListedInvitation, listInvitations } from '../../invitation/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { INVITATION_RULES } from '../../rate-limit/limits.ts';
import { EmailTakenError } from '../../user/errors.ts';
import { adminRequest } from '../context.ts';
import { builder, readable, writable } from '../graphql/builder.ts';
import {
  BY_ID,
  connectionType,
  listPage,
  listRequest,
  pageArguments,
} from '../graphql/connection.ts';
import { ErrorInterface, everyone, NodeInterface } from '../graphql/errors.ts';
import { roleNamesRule } from '../inputs.ts';
import { inviteUser, type UserInvited } from './invite.ts';
import { type InvitationRevoked, revokeInvitation } from './revoke.ts';

/** Each field that names the invited person has the guard itself, as those of AdminUser do (AD-2). */
const InvitationType = builder.objectRef<ListedInvitation>('Invitation').implement({
  description:
    'An invitation that nobody has accepted yet. Its token is only in the mail. Every field but `id` requires USERS_READ, also in the result of a mutation.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    email: t.expose('email', {
      ...readable('USERS_READ'),
      type: 'EmailAddress',
      description: 'The invited address.',
    }),
    roles: t.exposeStringList('roles', {
      ...readable('USERS_READ'),
      description:
        'The roles that accepting gives, beside those of DEFAULT_ROLES. Empty for an account that `createUser` made: the account has its roles already.',
    }),
    invitedBy: t.string({
      ...readable('USERS_READ'),
      description:
        'Who invited: the address of an administrator, or the name of an admin token. `deleted account` if the administrator’s account is gone.',
      resolve: (one) => one.invitedByEmail ?? one.invitedByName ?? 'deleted account',
    }),
    createdAt: t.expose('createdAt', {
      ...readable('USERS_READ'),
      type: 'DateTime',
      description: 'When the mail was sent.',
    }),
    expiresAt: t.expose('expiresAt', {
      ...readable('USERS_READ'),
      type: 'DateTime',
      description: 'When the link in the mail expires. Inviting again sends a new one.',
    }),
  }),
});

const InvitationConnection = connectionType('Invitation', InvitationType);

builder.queryField('invitations', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: InvitationConnection,
    description:
      'Invitations that nobody has accepted, newest first. Those that expired stay in the list for 30 days.',
    args: pageArguments,
    resolve: async (_root, args, { deps }) => {
      const request = listRequest(args, { name: 'invitations', place: BY_ID });
      const rows = await run(deps.db, listInvitations(request));
      return listPage(rows, request, ({ id }) => id);
    },
  }),
);

const UserInvitedType = builder.objectRef<UserInvited>('UserInvited').implement({
  description: 'The invitation is on its way. An earlier one of the address is void.',
  fields: (t) => ({
    invitation: t.field({
      type: InvitationType,
      description: 'The invitation.',
      resolve: ({ invitation }) => invitation,
    }),
  }),
});

const InviteUserInput = builder.inputType('InviteUserInput', {
  description: 'The person to invite.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address that the invitation is mailed to.',
      validate: { schema: emailRule },
    }),
    roles: t.stringList({
      description:
        'The names of roles that accepting gives, beside those of DEFAULT_ROLES. A role that is removed in the meantime is skipped, and so is one with permissions of this API that the inviter has lost by then.',
      validate: { schema: roleNamesRule },
    }),
    name: t.string({
      description:
        'The name of the person, until they choose another one. The mail greets them with it if it is a plain name.',
      validate: { schema: nameRule },
    }),
    locale: t.field({
      type: 'Locale',
      description: 'The person’s language.',
      validate: { schema: localeRule },
    }),
  }),
});

builder.objectType(EmailTakenError, {
  name: 'EmailTakenError',
  description: 'An account with this address exists already. Nothing was changed.',
  interfaces: [ErrorInterface],
});

builder.mutationField('inviteUser', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE', ...INVITATION_RULES),
    description:
      'Mail an invitation to an address without an account. It is valid for seven days. Inviting again mails again and voids the earlier mail. The caller must have every permission of this API that the roles carry.',
    types: [UserInvitedType, EmailTakenError, NotFoundError, ...everyone],
    union: resultUnion('inviteUser'),
    args: {
      input: t.arg({ type: InviteUserInput, required: true, description: 'The person.' }),
    },
    resolve: async (_root, { input }, context) => {
      const invite = {
        email: input.email,
        roles: input.roles ?? [],
        name: readName(input.name) ?? null,
        locale: input.locale ?? null,
      };
      return await inviteUser(context.deps, await adminRequest(context, 'USERS_WRITE'), invite);
    },
  }),
);

const InvitationRevokedType = builder.objectRef<InvitationRevoked>('InvitationRevoked').implement({
  description: 'The link of the invitation is void.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'The id that the invitation had.' }) }),
});

const RevokeInvitationInput = builder.inputType('RevokeInvitationInput', {
  description: 'The invitation to revoke.',
  fields: (t) => ({
    invitationId: t.id({
      required: true,
      description: 'The id of the invitation.',
      validate: { schema: idRule },
    }),
  }),
});

builder.mutationField('revokeInvitation', (t) =>
  t.errorUnionField({
    ...writable('USERS_WRITE'),
    description:
      'Revoke an invitation that nobody has accepted. An account that `createUser` made stays.',
    types: [InvitationRevokedType, NotFoundError, ...everyone],
    union: resultUnion('revokeInvitation'),
    args: {
      input: t.arg({ type: RevokeInvitationInput, required: true, description: 'The invitation.' }),
    },
    resolve: async (_root, { input }, context) =>
      await revokeInvitation(
        context.deps,
        await adminRequest(context, 'USERS_WRITE'),
        input.invitationId,
      ),
  }),
);
