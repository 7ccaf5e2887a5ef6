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
import { ownViewer } from '../../graphql/viewer.ts';
import { InvalidTokenError, ServerBusyError } from '../../kernel/errors.ts';
import { WeakPasswordError } from '../../proofs/password/errors.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../sign-in-gate/graphql.ts';
import { EmailTakenError } from '../../user/errors.ts';
import { register } from './register.ts';
import { resendEmailVerification } from './resend-email-verification.ts';
import { verifyEmail } from './verify-email.ts';

builder.objectType(EmailTakenError, {
  name: 'EmailTakenError',
  description:
    'An account with this address already exists. Returned only if EMAIL_VERIFICATION is optional; otherwise a mail to the address says so.',
  interfaces: [ErrorInterface],
});

/** The limits that count a mail that verifies an address. */
const VERIFICATION_MAILS = [
  RULES.mailSource,
  RULES.verificationSource,
  RULES.verificationBurst,
  RULES.mailDay,
  RULES.requests,
  RULES.requestsBurst,
] as const;

const RegisterInput = builder.inputType('RegisterInput', {
  description: 'The details of a new account.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The email address to sign in with.',
      validate: { schema: emailRule },
    }),
    password: t.string({
      required: true,
      description: 'The new password. See `authSettings` for its length.',
      validate: { schema: passwordRule },
    }),
    name: t.string({
      description: 'The name that the person wants to be called by, up to 200 characters.',
      validate: { schema: nameRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of an earlier `register` from this browser for this address, if there is one. With it, submitting the form again continues the same registration.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('register', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(RULES.registration, RULES.mailBurst, ...VERIFICATION_MAILS),
    ...costly,
    description:
      'Register an account. By default the address must be verified first, and the answer does not reveal whether the address is taken.',
    types: [
      SignedInType,
      MfaRequiredType,
      EmailVerificationRequiredType,
      WeakPasswordError,
      EmailTakenError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('register'),
    args: {
      input: t.arg({
        type: RegisterInput,
        required: true,
        description: 'The details of the new account.',
      }),
    },
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
  description: 'The proof from the mail.',
  fields: (t) => ({
    proof: t.field({
      type: EmailProofInput,
      required: true,
      description: 'The token of the link, or the code and the address that the mail was sent to.',
    }),
    password: t.string({
      description:
        'The new password, for a browser without a valid `registrationToken` (see `PasswordNeeded`). If the account already has a password and this is it, everything in the account is kept.',
      validate: { schema: passwordRule },
    }),
    name: t.string({
      description: 'The name that the person wants to be called by; used together with `password`.',
      validate: { schema: nameRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of this browser for the address: the password of that registration becomes the password of the account. A code works only with the token of the registration that it was mailed for.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('verifyEmail', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.mailProof,
      RULES.registrationCode,
      RULES.mailBurst,
      RULES.mailDay,
      RULES.signInsAccount,
      RULES.signInsSource,
    ),
    ...costly,
    description:
      'Verify an email address and sign in. A person with a second factor is then asked for it.',
    types: [
      SignedInType,
      MfaRequiredType,
      PasswordNeededType,
      InvalidTokenError,
      WeakPasswordError,
      ServerBusyError,
      ...anyone,
    ],
    union: resultUnion('verifyEmail'),
    args: {
      input: t.arg({
        type: VerifyEmailInput,
        required: true,
        description: 'The proof from the mail.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const verification = {
        proof: presentedProof(input.proof),
        registrationToken: input.registrationToken ?? null,
        password: input.password ?? null,
        name: readName(input.name) ?? null,
        viewer: await ownViewer(context),
      };
      const verified = await verifyEmail(deps, verification, client, deadline.signal);
      return applySignIn(context, verified);
    },
  }),
);

const ResendEmailVerificationInput = builder.inputType('ResendEmailVerificationInput', {
  description: 'The address that is waiting for its mail.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The email address to mail again.',
      validate: { schema: emailRule },
    }),
    registrationToken: t.string({
      description:
        'The `registrationToken` of this browser for the address. Without it the mail contains only a link, and the link’s page asks for a password.',
      validate: { schema: tokenRule },
    }),
  }),
});

builder.mutationField('resendEmailVerification', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(...VERIFICATION_MAILS),
    ...costly,
    description:
      'Mail the link and the code that verify an address again. Earlier mails to the address stay valid. The answer does not reveal whether a registration is pending.',
    types: [EmailSentType, ...anyone],
    union: resultUnion('resendEmailVerification'),
    args: {
      input: t.arg({
        type: ResendEmailVerificationInput,
        required: true,
        description: 'The email address.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const viewer = await ownViewer(context);
      const registrationToken = input.registrationToken ?? null;
      const asked = { email: input.email, registrationToken, viewer: viewer?.user ?? null };
      return await resendEmailVerification(context.deps, asked, context.client);
    },
  }),
);
