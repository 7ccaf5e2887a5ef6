import {
  EmailSentType,
  EmailVerificationRequiredType,
  PasswordNeededType,
} from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { EmailProofInput, presentedProof } from '../../graphql/email-proof.ts';
import { anyone, ErrorInterface } from '../../graphql/errors.ts';
import { emailRule, nameRule, passwordRule, readName, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { WeakPasswordError } from '../../proofs/password/errors.ts';
import { BUDGETS } from '../../rate-limit/budgets.ts';
import { boundedBy } from '../../rate-limit/field-budgets.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../session/graphql.ts';
import { EmailTakenError } from './errors.ts';
import { register } from './register.ts';
import { resendEmailVerification } from './resend-email-verification.ts';
import { verifyEmail } from './verify-email.ts';

builder.objectType(EmailTakenError, {
  name: 'EmailTakenError',
  description:
    'There is already an account with this address. Only where EMAIL_VERIFICATION is optional: otherwise the mail says it.',
  interfaces: [ErrorInterface],
});

/** What a mail that proves an address is counted toward. */
const VERIFICATION_MAILS = [
  BUDGETS.mailSource,
  BUDGETS.verificationSource,
  BUDGETS.verificationBurst,
  BUDGETS.mailDay,
  BUDGETS.asks,
  BUDGETS.asksBurst,
] as const;

const RegisterInput = builder.inputType('RegisterInput', {
  description: 'What an account is asked for with.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address to sign in with.',
      validate: { schema: emailRule },
    }),
    password: t.string({
      required: true,
      description: 'The new password: see `authSettings` for its length.',
      validate: { schema: passwordRule },
    }),
    name: t.string({
      description: 'What the person wants to be called, up to 200 characters.',
      validate: { schema: nameRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of an earlier `register` of this browser for this address, if there is one: pressing the button again is then the same registration.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('register', (t) =>
  t.errorUnionField({
    budget: boundedBy(BUDGETS.registration, BUDGETS.mailBurst, ...VERIFICATION_MAILS),
    ...costly,
    description:
      'Asks for an account. By default the address must be proven first, and the answer is the same whether it is taken or free.',
    types: [
      SignedInType,
      MfaRequiredType,
      EmailVerificationRequiredType,
      WeakPasswordError,
      EmailTakenError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('RegisterResult', 'What asking for an account can come to.'),
    args: { input: t.arg({ type: RegisterInput, required: true, description: 'Who asks.' }) },
    resolve: async (_root, { input }, context) => {
      const registration = {
        ...input,
        name: readName(input.name) ?? null,
        registrationToken: input.registrationToken ?? null,
      };
      const { deps, client, deadline } = context;
      return applySignIn(context, await register(deps, registration, client, deadline.signal));
    },
  }),
);

const VerifyEmailInput = builder.inputType('VerifyEmailInput', {
  description: 'What the mail carried.',
  fields: (t) => ({
    proof: t.field({
      type: EmailProofInput,
      required: true,
      description: 'The link’s token, or the code with its address.',
    }),
    password: t.string({
      description:
        'The new password, for a browser without a `registrationToken` that counts (see `PasswordNeeded`). The present password of an account that has one keeps everything in the account.',
      validate: { schema: passwordRule },
    }),
    name: t.string({
      description: 'What the person wants to be called; used together with `password`.',
      validate: { schema: nameRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of this browser for the address: its registration’s password is the one of the account. A code counts only with the token of the registration it was mailed to.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('verifyEmail', (t) =>
  t.errorUnionField({
    budget: boundedBy(
      BUDGETS.mailProof,
      BUDGETS.registrationCode,
      BUDGETS.mailBurst,
      BUDGETS.mailDay,
      BUDGETS.signInsAccount,
      BUDGETS.signInsSource,
    ),
    ...costly,
    description:
      'Proves an address and signs in; a person with a second factor is then asked for it.',
    types: [
      SignedInType,
      MfaRequiredType,
      PasswordNeededType,
      InvalidTokenError,
      WeakPasswordError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('VerifyEmailResult', 'What proving an address can come to.'),
    args: {
      input: t.arg({ type: VerifyEmailInput, required: true, description: 'The mail’s proof.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const verification = {
        proof: presentedProof(input.proof),
        registrationToken: input.registrationToken ?? null,
        password: input.password ?? null,
        name: readName(input.name) ?? null,
        viewer: await context.authentication(),
      };
      const verified = await verifyEmail(deps, verification, client, deadline.signal);
      return applySignIn(context, verified);
    },
  }),
);

const ResendEmailVerificationInput = builder.inputType('ResendEmailVerificationInput', {
  description: 'Which address waits for its mail.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address to mail again.',
      validate: { schema: emailRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of this browser for the address. Without it the mail carries a link alone, and opening it asks for a password.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('resendEmailVerification', (t) =>
  t.errorUnionField({
    budget: boundedBy(...VERIFICATION_MAILS),
    ...costly,
    description:
      'Mails the proof of an address again. Mails to one address do not void one another. The answer is the same whether anybody waits for it.',
    types: [EmailSentType, ...anyone],
    union: resultUnion(
      'ResendEmailVerificationResult',
      'What asking for the mail again can come to.',
    ),
    args: {
      input: t.arg({
        type: ResendEmailVerificationInput,
        required: true,
        description: 'The address.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const viewer = await context.authentication();
      const registrationToken = input.registrationToken ?? null;
      const asked = { email: input.email, registrationToken, viewer: viewer?.user ?? null };
      return await resendEmailVerification(context.deps, asked, context.client);
    },
  }),
);
