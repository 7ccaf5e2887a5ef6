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
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { boundedBy, change } from '../../rate-limit/field-budgets.ts';
import { changePassword } from './change-password.ts';
import type { PasswordChanged } from './password-changed.ts';
import { requestPasswordReset } from './request-password-reset.ts';
import { resetPassword } from './reset-password.ts';

const PasswordChangedType = builder.objectRef<PasswordChanged>('PasswordChanged').implement({
  description: 'There is a new password. What was signed in with the old one is over.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was set.' }),
    sessionsRevoked: t.exposeInt('sessionsRevoked', {
      description: 'How many sessions ended with it.',
    }),
    deviceToken: t.string({
      nullable: true,
      description:
        'Only after `resetPassword`: send it with the next `login`, as the `deviceToken` of `SignedIn`. Strangers who guess at the account then cannot keep this device out. Null in cookie mode, where the cookie carries it.',
      resolve: ({ device }, _args, { deviceCookie }) =>
        deviceCookie.enabled ? null : (device?.token ?? null),
    }),
  }),
});

const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  description: 'Whose password was forgotten.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address of the account.',
      validate: { schema: emailRule },
    }),
    deviceToken: t.string({
      description:
        'The `deviceToken` of an earlier sign-in on this device, if there is one: strangers who have used up the mails to this address then cannot keep its owner from theirs. In cookie mode the cookie carries it.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('requestPasswordReset', (t) =>
  t.errorUnionField({
    budget: boundedBy(BUDGETS.mailSource, BUDGETS.mailBurst, BUDGETS.mailDay),
    ...costly,
    description:
      'Mails the way to a new password. The answer is the same whether anybody has this address; nothing changes on the account.',
    types: [EmailSentType, ...anyone],
    union: resultUnion('RequestPasswordResetResult', 'What asking for a reset can come to.'),
    args: {
      input: t.arg({
        type: RequestPasswordResetInput,
        required: true,
        description: 'The address.',
      }),
    },
    resolve: async (_root, { input }, { deps, client, deviceCookie }) => {
      const deviceToken = input.deviceToken ?? deviceCookie.read();
      return await requestPasswordReset(deps, { email: input.email, deviceToken }, client);
    },
  }),
);

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  description: 'What the mail carried, and the new password.',
  fields: (t) => ({
    proof: t.field({
      type: EmailProofInput,
      required: true,
      description: 'The link’s token, or the code with its address.',
    }),
    newPassword: t.string({
      required: true,
      description: 'The new password: see `authSettings` for its length.',
      validate: { schema: passwordRule },
    }),
    resetToken: t.string({
      description:
        'The `resetToken` that this browser got from `requestPasswordReset`. A code counts only with the token of the request that mailed it; a link needs none.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('resetPassword', (t) =>
  t.errorUnionField({
    budget: boundedBy(BUDGETS.mailProof),
    ...costly,
    description:
      'Sets a new password with what the mail carried. Ends every session and signs nobody in; second factors stay.',
    types: [PasswordChangedType, InvalidTokenError, WeakPasswordError, ServerBusyError, ...anyone],
    union: resultUnion('ResetPasswordResult', 'What setting a new password can come to.'),
    args: {
      input: t.arg({
        type: ResetPasswordInput,
        required: true,
        description: 'Proof and password.',
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
  description: 'The old password and the new one.',
  fields: (t) => ({
    currentPassword: t.string({
      required: true,
      description: 'The password of now.',
      validate: { schema: passwordRule },
    }),
    newPassword: t.string({
      required: true,
      description: 'The new password: see `authSettings` for its length.',
      validate: { schema: passwordRule },
    }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.errorUnionField({
    budget: change(BUDGETS.reauthentication),
    ...costly,
    ...requiresStepUp,
    description:
      'Replaces the password. Ends every other session; this one goes on with the tokens it has.',
    types: [
      PasswordChangedType,
      InvalidCredentialsError,
      WeakPasswordError,
      ServerBusyError,
      ...sensitive,
    ],
    union: resultUnion('ChangePasswordResult', 'What changing the password can come to.'),
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
