import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { enrolling } from '../../graphql/errors.ts';
import { codeRule, passwordRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { ImpersonatedSessionError, NotFoundError, ServerBusyError } from '../../kernel/errors.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import {
  PasskeyProofInput,
  PasskeyRequestType,
  readPasskeyProof,
} from '../../proofs/passkey/graphql.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { InvalidCodeError, MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { MfaMethodType } from '../../proofs/second-factor/graphql.ts';
import { LIMITED_CHANGE, limitedChange } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, SignedInType } from '../../sign-in-gate/graphql.ts';
import { reauthenticateWithPassword } from './reauthenticate.ts';
import { reauthenticateWithCode } from './reauthenticate-with-code.ts';
import { reauthenticateWithPasskey } from './reauthenticate-with-passkey.ts';
import { sendReauthenticationCode } from './send-reauthentication-code.ts';
import { startPasskeyReauthentication } from './start-passkey-reauthentication.ts';

/** A session without the required second factor may prove one; an administrator who acts as the person may not. */
const onOwnSession = [...enrolling, ImpersonatedSessionError] as const;

const ReauthenticationCodeInput = builder.inputType('ReauthenticationCodeInput', {
  description: 'A code for one of the methods that StepUpRequiredError lists.',
  fields: (t) => ({
    method: t.field({
      type: MfaMethodType,
      required: true,
      description: 'The method that the code belongs to: any except PASSKEY.',
    }),
    code: t.string({
      required: true,
      description:
        'TOTP: the 6 digits in the authenticator app. EMAIL: the 8 digits that `sendReauthenticationCode` mailed. BACKUP_CODE: the code, in upper or lower case. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

const ReauthenticateInput = builder.inputType('ReauthenticateInput', {
  description: 'One proof of identity.',
  isOneOf: true,
  fields: (t) => ({
    password: t.string({
      description: 'The password of the account.',
      validate: { schema: passwordRule },
    }),
    code: t.field({
      type: ReauthenticationCodeInput,
      description: 'A code of a second factor. A person who has one must send a code or a passkey.',
    }),
    passkey: t.field({
      type: PasskeyProofInput,
      description:
        'A passkey of the person: the token of `startPasskeyReauthentication`, and the result of the browser. It proves both factors.',
    }),
  }),
});

builder.mutationField('reauthenticate', (t) =>
  t.errorUnionField({
    rateLimits: limitedChange(RULES.reauthentication),
    ...costly,
    description:
      'Reauthenticate on this session before a sensitive operation. The session gets new tokens and a new `authenticatedAt`.',
    authScopes: { enroll: true },
    types: [
      SignedInType,
      InvalidCredentialsError,
      InvalidCodeError,
      InvalidPasskeyError,
      ServerBusyError,
      ...onOwnSession,
    ],
    union: resultUnion('reauthenticate'),
    args: {
      input: t.arg({ type: ReauthenticateInput, required: true, description: 'The proof.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const viewer = await requireViewer(context);
      const { password, code, passkey } = input;
      if (password != null) {
        const proven = reauthenticateWithPassword(deps, viewer, password, client, deadline.signal);
        return applySignIn(context, await proven);
      }
      if (code != null) {
        const proven = reauthenticateWithCode(deps, viewer, code, client, deadline.signal);
        return applySignIn(context, await proven);
      }
      if (passkey != null) {
        const proven = reauthenticateWithPasskey(deps, viewer, readPasskeyProof(passkey), client);
        return applySignIn(context, await proven);
      }
      throw new TypeError('A @oneOf input without a member reached its resolver.');
    },
  }),
);

builder.mutationField('sendReauthenticationCode', (t) =>
  t.errorUnionField({
    rateLimits: limitedChange(RULES.codeMailBurst, RULES.codeMailDay),
    ...costly,
    description:
      'Mail a code for `reauthenticate` on this session, if StepUpRequiredError lists EMAIL. The code is valid for ten minutes; a newer code replaces it.',
    authScopes: { enroll: true },
    types: [EmailSentType, MfaNotEnabledError, ...onOwnSession],
    union: resultUnion('sendReauthenticationCode'),
    resolve: async (_root, _args, context) =>
      await sendReauthenticationCode(context.deps, await requireViewer(context), context.client),
  }),
);

builder.mutationField('startPasskeyReauthentication', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    description:
      'Start reauthenticating on this session with a passkey. Any passkey of the person may answer. Returns NotFoundError for a person without one, and if this server offers no passkeys.',
    authScopes: { enroll: true },
    types: [PasskeyRequestType, NotFoundError, ...onOwnSession],
    union: resultUnion('startPasskeyReauthentication'),
    resolve: async (_root, _args, context) =>
      await startPasskeyReauthentication(context.deps, await requireViewer(context)),
  }),
);
