import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { EmailProofInput, presentedProof } from '../../graphql/email-proof.ts';
import { anyone, requiresStepUp, sensitive, signedInOnly } from '../../graphql/errors.ts';
import { emailRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { ViewerType } from '../../session/graphql.ts';
import { confirmEmailChange, type EmailChanged } from './confirm-email-change.ts';
import { requestEmailChange } from './request-email-change.ts';
import { type EmailChangeUndone, undoEmailChange } from './undo-email-change.ts';

const EmailChangedType = builder.objectRef<EmailChanged>('EmailChanged').implement({
  description: 'The account uses the new address now; every other session is over.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the new address.',
      resolve: (changed) => changed.viewer,
    }),
  }),
});

const EmailChangeUndoneType = builder.objectRef<EmailChangeUndone>('EmailChangeUndone').implement({
  description:
    'The account has its old address, no change is pending, and every session is over. Reset the password next.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was undone.' }),
    email: t.expose('email', {
      type: 'EmailAddress',
      description: 'The address of the account: the one the link was mailed to.',
    }),
    sessionsRevoked: t.exposeInt('sessionsRevoked', { description: 'How many sessions ended.' }),
  }),
});

const RequestEmailChangeInput = builder.inputType('RequestEmailChangeInput', {
  description: 'Which address to use from now on.',
  fields: (t) => ({
    newEmail: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The new address; it has to prove itself first.',
      validate: { schema: emailRule },
    }),
  }),
});

builder.mutationField('requestEmailChange', (t) =>
  t.errorUnionField({
    ...costly,
    ...requiresStepUp,
    description:
      'Mails a proof to the new address and a notice with a way to stop it to the old one. The answer is the same whether the new address is taken.',
    types: [EmailSentType, ...sensitive],
    union: resultUnion('RequestEmailChangeResult', 'What asking for another address can come to.'),
    args: {
      input: t.arg({
        type: RequestEmailChangeInput,
        required: true,
        description: 'The new address.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      return await requestEmailChange(deps, await requireViewer(context), input.newEmail, client);
    },
  }),
);

const ConfirmEmailChangeInput = builder.inputType('ConfirmEmailChangeInput', {
  description: 'What the mail to the new address carried.',
  fields: (t) => ({
    proof: t.field({
      type: EmailProofInput,
      required: true,
      description: 'The link’s token, or the code with the new address.',
    }),
  }),
});

builder.mutationField('confirmEmailChange', (t) =>
  t.errorUnionField({
    ...costly,
    description:
      'Makes the change, for the person who asked for it and is signed in. Ends every other session; the old address is told and can undo it for 72 hours.',
    authScopes: { signedIn: true },
    types: [EmailChangedType, InvalidTokenError, ServerBusyError, ...signedInOnly],
    union: resultUnion('ConfirmEmailChangeResult', 'What confirming an address can come to.'),
    args: {
      input: t.arg({
        type: ConfirmEmailChangeInput,
        required: true,
        description: 'The mail’s proof.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      const proof = presentedProof(input.proof);
      return await confirmEmailChange(deps, await requireViewer(context), proof, client);
    },
  }),
);

const UndoEmailChangeInput = builder.inputType('UndoEmailChangeInput', {
  description: 'What the mail to the old address carried.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'The `token` of its link.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('undoEmailChange', (t) =>
  t.errorUnionField({
    ...costly,
    description:
      'Gives the account its old address back, or stops a change that still waits for its proof. Ends every session and signs nobody in.',
    types: [EmailChangeUndoneType, InvalidTokenError, ServerBusyError, ...anyone],
    union: resultUnion('UndoEmailChangeResult', 'What undoing a change can come to.'),
    args: {
      input: t.arg({
        type: UndoEmailChangeInput,
        required: true,
        description: 'The link’s token.',
      }),
    },
    resolve: async (_root, { input }, { deps, client }) =>
      await undoEmailChange(deps, input.token, client),
  }),
);
