import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { enrolling } from '../../graphql/errors.ts';
import { codeRule, passwordRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { InvalidCodeError, MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { MfaMethodType } from '../../proofs/second-factor/graphql.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { change } from '../../rate-limit/field-budgets.ts';
import { applySignIn, SignedInType } from '../../session/graphql.ts';
import { reauthenticateWithPassword } from './reauthenticate.ts';
import { reauthenticateWithCode } from './reauthenticate-with-code.ts';
import { sendReauthenticationCode } from './send-reauthentication-code.ts';

const ReauthenticationCodeInput = builder.inputType('ReauthenticationCodeInput', {
  description: 'A code of one of the methods that StepUpRequiredError lists.',
  fields: (t) => ({
    method: t.field({
      type: MfaMethodType,
      required: true,
      description: 'What the code is of.',
    }),
    code: t.string({
      required: true,
      description:
        'TOTP: the 6 digits of the app. EMAIL: the 8 digits that `sendReauthenticationCode` mailed. BACKUP_CODE: the code, in any case. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

const ReauthenticateInput = builder.inputType('ReauthenticateInput', {
  description: 'One proof of who holds the session.',
  isOneOf: true,
  fields: (t) => ({
    password: t.string({
      description: 'The account’s password.',
      validate: { schema: passwordRule },
    }),
    code: t.field({
      type: ReauthenticationCodeInput,
      description: 'A code: of the second factor, for who has one.',
    }),
  }),
});

builder.mutationField('reauthenticate', (t) =>
  t.errorUnionField({
    budget: change(BUDGETS.reauthentication),
    ...costly,
    description:
      'Proves again who holds this session, before something sensitive. The session goes on with new tokens and a fresh `authenticatedAt`.',
    authScopes: { enroll: true },
    types: [SignedInType, InvalidCredentialsError, InvalidCodeError, ServerBusyError, ...enrolling],
    union: resultUnion('ReauthenticateResult', 'What proving oneself again can come to.'),
    args: {
      input: t.arg({ type: ReauthenticateInput, required: true, description: 'The proof.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const viewer = await requireViewer(context);
      const { password, code } = input;
      if (password != null) {
        const proven = reauthenticateWithPassword(deps, viewer, password, client, deadline.signal);
        return applySignIn(context, await proven);
      }
      if (code != null) {
        const proven = reauthenticateWithCode(deps, viewer, code, client, deadline.signal);
        return applySignIn(context, await proven);
      }
      throw new TypeError('A @oneOf input without a member reached its resolver.');
    },
  }),
);

builder.mutationField('sendReauthenticationCode', (t) =>
  t.errorUnionField({
    budget: change(BUDGETS.codeMailBurst, BUDGETS.codeMailDay),
    ...costly,
    description:
      'Mails a code for `reauthenticate` on this session, where StepUpRequiredError offers EMAIL. It is good for ten minutes; a newer one voids the older.',
    authScopes: { enroll: true },
    types: [EmailSentType, MfaNotEnabledError, ...enrolling],
    union: resultUnion('SendReauthenticationCodeResult', 'What asking for a code can come to.'),
    resolve: async (_root, _args, context) =>
      await sendReauthenticationCode(context.deps, await requireViewer(context), context.client),
  }),
);
