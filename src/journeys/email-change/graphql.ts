import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { EmailProofInput, presentedProof } from '../../graphql/email-proof.ts';
import { requiresStepUp, sensitive, signedInOnly } from '../../graphql/errors.ts';
import { emailRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { change } from '../../rate-limit/field-budgets.ts';
import { ViewerType } from '../../session/graphql.ts';
import { confirmEmailChange, type EmailChanged } from './confirm-email-change.ts';
import { requestEmailChange } from './request-email-change.ts';

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
    budget: change(BUDGETS.mailBurst, BUDGETS.mailDay),
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
    budget: change(BUDGETS.mailProof, BUDGETS.mailBurst, BUDGETS.mailDay),
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
