import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { EmailProofInput, presentedProof } from '../../graphql/email-proof.ts';
import { requiresStepUp, sensitive, signedInOnly } from '../../graphql/errors.ts';
import { emailRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { limitedChange } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { ViewerType } from '../../session/graphql.ts';
import { confirmEmailChange, type EmailChanged } from './confirm-email-change.ts';
import { requestEmailChange } from './request-email-change.ts';

const EmailChangedType = builder.objectRef<EmailChanged>('EmailChanged').implement({
  description: 'The account now uses the new address. Every other session was ended.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the new address.',
      resolve: (changed) => changed.viewer,
    }),
  }),
});

const RequestEmailChangeInput = builder.inputType('RequestEmailChangeInput', {
  description: 'The address to change to.',
  fields: (t) => ({
    newEmail: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The new address. It must be verified before the change takes effect.',
      validate: { schema: emailRule },
    }),
  }),
});

builder.mutationField('requestEmailChange', (t) =>
  t.errorUnionField({
    rateLimits: limitedChange(RULES.mailBurst, RULES.mailDay),
    ...costly,
    ...requiresStepUp,
    description:
      'Request a change of the email address. The new address gets a mail with a link and a code that confirm the change; the old address gets a notice with a link that stops it. The answer does not reveal whether the new address is taken.',
    types: [EmailSentType, ...sensitive],
    union: resultUnion('requestEmailChange'),
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
  description: 'The proof from the mail to the new address.',
  fields: (t) => ({
    proof: t.field({
      type: EmailProofInput,
      required: true,
      description: 'The token of the link, or the code and the new address.',
    }),
  }),
});

builder.mutationField('confirmEmailChange', (t) =>
  t.errorUnionField({
    rateLimits: limitedChange(RULES.mailProof, RULES.mailBurst, RULES.mailDay),
    ...costly,
    description:
      'Confirm the change of the email address, as the signed-in person who requested it. Every other session is ended. The old address is notified and can undo the change for 72 hours.',
    authScopes: { signedIn: true },
    types: [EmailChangedType, InvalidTokenError, ServerBusyError, ...signedInOnly],
    union: resultUnion('confirmEmailChange'),
    args: {
      input: t.arg({
        type: ConfirmEmailChangeInput,
        required: true,
        description: 'The proof from the mail.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      const proof = presentedProof(input.proof);
      return await confirmEmailChange(deps, await requireViewer(context), proof, client);
    },
  }),
);
