import {
  type ListedToken,
  listTokens,
  permissionsInForce,
} from '../../administrator/token-store.ts';
import { run } from '../../db/executor.ts';
import { idRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { adminRequest } from '../context.ts';
import { builder, readable, writable } from '../graphql/builder.ts';
import { AdminPermissionType, everyone, NodeInterface } from '../graphql/errors.ts';
import { momentRule, tokenNameRule } from '../inputs.ts';
import { type AdminTokenCreated, createAdminToken } from './create.ts';
import { type AdminTokenRevoked, revokeAdminToken } from './revoke.ts';

const AdminTokenType = builder.objectRef<ListedToken>('AdminToken').implement({
  description:
    'A token with which a machine calls this API. Its text is shown once, when it is created.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the machine or its task.' }),
    permissions: t.field({
      type: [AdminPermissionType],
      description:
        'What the token may do now. A token that a person created loses each permission that the person loses.',
      resolve: (token) => [...permissionsInForce(token)],
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the token was created.',
    }),
    createdBy: t.string({
      description:
        'Who created it: the address of an administrator, who may have used another token, or the name of an operator or of an operator’s token. `deleted account` if the administrator’s account is gone; the token then has no permission.',
      resolve: (token) => token.createdByEmail ?? token.createdByName ?? 'deleted account',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the token expires.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the token was last used, to the minute; null if it never was.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the token was revoked; null if it was not.',
    }),
  }),
});

builder.queryField('adminTokens', (t) =>
  t.field({
    ...readable('TOKENS_WRITE'),
    type: [AdminTokenType],
    description:
      'Every live admin token and those that have ended, newest first: at most 1,000. A token disappears a year after its end.',
    resolve: async (_root, _args, { deps }) => [
      ...(await run(deps.db, listTokens(deps.clock.now()))),
    ],
  }),
);

const AdminTokenCreatedType = builder.objectRef<AdminTokenCreated>('AdminTokenCreated').implement({
  description: 'The token was created.',
  fields: (t) => ({
    adminToken: t.field({
      type: AdminTokenType,
      description: 'What is known about the token.',
      resolve: ({ adminToken }) => adminToken,
    }),
    token: t.exposeString('token', {
      description:
        'The token itself, for `Authorization: Bearer lka_…`. It is shown this once: only its hash is stored.',
    }),
  }),
});

const CreateAdminTokenInput = builder.inputType('CreateAdminTokenInput', {
  description: 'The token to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The name of the machine or its task, up to 100 characters.',
      validate: { schema: tokenNameRule },
    }),
    permissions: t.field({
      type: [AdminPermissionType],
      required: true,
      description: 'What the token may do: only permissions that the caller has.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When the token expires: within a year from now.',
      validate: { schema: momentRule },
    }),
  }),
});

builder.mutationField('createAdminToken', (t) =>
  t.errorUnionField({
    ...writable('TOKENS_WRITE'),
    description: 'Create a token for a machine.',
    types: [AdminTokenCreatedType, ...everyone],
    union: resultUnion('createAdminToken'),
    args: {
      input: t.arg({ type: CreateAdminTokenInput, required: true, description: 'The token.' }),
    },
    resolve: async (_root, { input }, context) =>
      await createAdminToken(context.deps, await adminRequest(context, 'TOKENS_WRITE'), input),
  }),
);

const AdminTokenRevokedType = builder.objectRef<AdminTokenRevoked>('AdminTokenRevoked').implement({
  description: 'The token gives no access any more.',
  fields: (t) => ({
    adminToken: t.field({
      type: AdminTokenType,
      description: 'What is known about the token.',
      resolve: ({ adminToken }) => adminToken,
    }),
  }),
});

const RevokeAdminTokenInput = builder.inputType('RevokeAdminTokenInput', {
  description: 'The token to revoke.',
  fields: (t) => ({
    adminTokenId: t.id({
      required: true,
      description: 'The id of the token.',
      validate: { schema: idRule },
    }),
  }),
});

builder.mutationField('revokeAdminToken', (t) =>
  t.errorUnionField({
    ...writable('TOKENS_WRITE'),
    description: 'Revoke a token. Its next call is answered like that of a stranger.',
    types: [AdminTokenRevokedType, NotFoundError, ...everyone],
    union: resultUnion('revokeAdminToken'),
    args: {
      input: t.arg({ type: RevokeAdminTokenInput, required: true, description: 'The token.' }),
    },
    resolve: async (_root, { input }, context) =>
      await revokeAdminToken(
        context.deps,
        await adminRequest(context, 'TOKENS_WRITE'),
        input.adminTokenId,
      ),
  }),
);
