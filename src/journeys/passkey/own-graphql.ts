import { LastCredentialError } from '../../credential-change/ways-in.ts';
import { builder } from '../../graphql/builder.ts';
import { requiresStepUp, sensitive, signedInOnly } from '../../graphql/errors.ts';
import { idRule, requiredNameRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { PasskeyType } from '../../proofs/passkey/graphql.ts';
import { LIMITED_CHANGE } from '../../rate-limit/limits.ts';
import { ViewerType } from '../../session/graphql.ts';
import { type PasskeyRemoved, removePasskey } from './remove.ts';
import { type PasskeyRenamed, renamePasskey } from './rename.ts';

const PasskeyRenamedType = builder.objectRef<PasskeyRenamed>('PasskeyRenamed').implement({
  description: 'The passkey was renamed.',
  fields: (t) => ({
    passkey: t.field({
      type: PasskeyType,
      description: 'The passkey, with its new name.',
      resolve: (renamed) => renamed.passkey,
    }),
  }),
});

const RenamePasskeyInput = builder.inputType('RenamePasskeyInput', {
  description: 'The passkey and its new name.',
  fields: (t) => ({
    passkeyId: t.id({
      required: true,
      description: 'The `id` of one of `viewer.passkeys`.',
      validate: { schema: idRule },
    }),
    name: t.string({
      required: true,
      description: 'The name, 1 to 200 characters.',
      validate: { schema: requiredNameRule },
    }),
  }),
});

builder.mutationField('renamePasskey', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    authScopes: { signedIn: true },
    description: 'Rename a passkey.',
    types: [PasskeyRenamedType, NotFoundError, ...signedInOnly],
    union: resultUnion('renamePasskey'),
    args: {
      input: t.arg({
        type: RenamePasskeyInput,
        required: true,
        description: 'The passkey and its new name.',
      }),
    },
    resolve: async (_root, { input }, context) =>
      await renamePasskey(context.deps, await requireViewer(context), input, context.client),
  }),
);

const PasskeyRemovedType = builder.objectRef<PasskeyRemoved>('PasskeyRemoved').implement({
  description: 'The passkey was removed. Every other session was ended.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, without the passkey.',
      resolve: (removed) => removed.viewer,
    }),
  }),
});

const RemovePasskeyInput = builder.inputType('RemovePasskeyInput', {
  description: 'The passkey to remove.',
  fields: (t) => ({
    passkeyId: t.id({
      required: true,
      description: 'The `id` of one of `viewer.passkeys`.',
      validate: { schema: idRule },
    }),
  }),
});

builder.mutationField('removePasskey', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUp,
    description:
      'Remove a passkey. Returns LastCredentialError if it is the only way to sign in or, where this server requires two-step verification, the last passkey of a person without another second factor. With the last passkey, signing in with a password no longer asks for one. Every other session is ended.',
    types: [PasskeyRemovedType, NotFoundError, LastCredentialError, ...sensitive],
    union: resultUnion('removePasskey'),
    args: {
      input: t.arg({ type: RemovePasskeyInput, required: true, description: 'The passkey.' }),
    },
    resolve: async (_root, { input }, context) =>
      await removePasskey(
        context.deps,
        await requireViewer(context),
        input.passkeyId,
        context.client,
      ),
  }),
);
