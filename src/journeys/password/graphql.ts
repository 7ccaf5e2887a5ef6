import { EmailSentType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { EmailProofInput, presentedProof } from '../../graphql/email-proof.ts';
import { anyone, requiresStepUp, sensitive } from '../../graphql/errors.ts';
import { emailRule, passwordRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { InvalidCredentialsError, WeakPasswordError } from '../../proofs/password/errors.ts';
import { limitedBy, limitedChange } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { changePassword } from './change-password.ts';
import type { PasswordChanged } from './password-changed.ts';
import { requestPasswordReset } from './request-password-reset.ts';
import { resetPassword } from './reset-password.ts';

const PasswordChangedType = builder.objectRef<PasswordChanged>('PasswordChanged').implement({
  description:
    'The password was replaced. Sessions that were signed in with the old password were ended.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the password was set.' }),
    sessionsRevoked: t.exposeInt('sessionsRevoked', {
      description: 'The number of sessions that were ended.',
    }),
    deviceToken: t.string({
      nullable: true,
      description:
        'Only from `resetPassword`: send it with the next `login`, like the `deviceToken` of `SignedIn`. With it, strangers who guess the account’s password cannot keep this device out. Null in cookie mode, where the cookie carries it.',
      resolve: ({ device }, _args, { deviceCookie }) =>
        deviceCookie.enabled ? null : (device?.token ?? null),
    }),
  }),
});

const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  description: 'The account whose password is to be reset.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The email address of the account.',
      validate: { schema: emailRule },
    }),
    deviceToken: t.string({
      description:
        'The `deviceToken` of an earlier sign-in on this device, if there is one. With it, strangers who used up the mails to this address cannot keep its owner from getting one. In cookie mode the cookie carries it.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('requestPasswordReset', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.mailSource, RULES.mailBurst, RULES.mailDay),
    ...costly,
    description:
      'Request a password reset by mail. The answer does not reveal whether the address has an account, and the account is not changed.',
    types: [EmailSentType, ...anyone],
    union: resultUnion('requestPasswordReset'),
    args: {
      input: t.arg({
        type: RequestPasswordResetInput,
        required: true,
        description: 'The email address.',
      }),
    },
    resolve: async (_root, { input }, { deps, client, deviceCookie }) => {
      const deviceToken = input.deviceToken ?? deviceCookie.read();
      return await requestPasswordReset(deps, { email: input.email, deviceToken }, client);
    },
  }),
);

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  description: 'The proof from the mail, and the new password.',
  fields: (t) => ({
    proof: t.field({
      type: EmailProofInput,
      required: true,
      description: 'The token of the link, or the code and the address that the mail was sent to.',
    }),
    newPassword: t.string({
      required: true,
      description: 'The new password. See `authSettings` for its length.',
      validate: { schema: passwordRule },
    }),
    resetToken: t.string({
      description:
        'The `resetToken` that this browser got from `requestPasswordReset`. A code works only with the token of the request that mailed it; a link needs no token.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('resetPassword', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.mailProof),
    ...costly,
    description:
      'Set a new password with the proof from the mail. Every session is ended, nobody is signed in, and second factors stay.',
    types: [PasswordChangedType, InvalidTokenError, WeakPasswordError, ServerBusyError, ...anyone],
    union: resultUnion('resetPassword'),
    args: {
      input: t.arg({
        type: ResetPasswordInput,
        required: true,
        description: 'The proof and the new password.',
      }),
    },
    resolve: async (_root, { input }, { deps, client, deadline, deviceCookie }) => {
      const { newPassword, resetToken = null } = input;
      const proof = presentedProof(input.proof);
      const presented = { proof, newPassword, resetToken };
      const changed = await resetPassword(deps, presented, client, deadline.signal);
      if (changed.device && deviceCookie.enabled) {
        deviceCookie.write(changed.device.token, changed.device.expiresAt);
      }
      return changed;
    },
  }),
);

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'The current password and the new one.',
  fields: (t) => ({
    currentPassword: t.string({
      required: true,
      description: 'The current password.',
      validate: { schema: passwordRule },
    }),
    newPassword: t.string({
      required: true,
      description: 'The new password. See `authSettings` for its length.',
      validate: { schema: passwordRule },
    }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.errorUnionField({
    rateLimits: limitedChange(RULES.reauthentication),
    ...costly,
    ...requiresStepUp,
    description:
      'Change the password. Every other session is ended; this session keeps its tokens.',
    types: [
      PasswordChangedType,
      InvalidCredentialsError,
      WeakPasswordError,
      ServerBusyError,
      ...sensitive,
    ],
    union: resultUnion('changePassword'),
    args: {
      input: t.arg({ type: ChangePasswordInput, required: true, description: 'Both passwords.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      return await changePassword(
        deps,
        await requireViewer(context),
        input,
        client,
        deadline.signal,
      );
    },
  }),
);
