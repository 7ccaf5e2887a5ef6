import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone } from '../../graphql/errors.ts';
import { codeRule, emailRule, tokenRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { InvalidTokenError, NotFoundError } from '../../kernel/errors.ts';
import { MAIL_CODE_DIGITS } from '../../kernel/proof.ts';
import { readDigits } from '../../kernel/unicode.ts';
import { limitedBy } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { applySignIn, MfaRequiredType, SignedInType } from '../../sign-in-gate/graphql.ts';
import { completeEmailSignIn, type PresentedSignIn } from './complete-email-sign-in.ts';
import { type EmailSignInStarted, requestEmailSignIn } from './request-email-sign-in.ts';

const EmailSignInStartedType = builder
  .objectRef<EmailSignInStarted>('EmailSignInStarted')
  .implement({
    description:
      'The request was accepted. The answer is the same for every address and does not reveal whether a mail was sent.',
    fields: (t) => ({
      email: t.expose('email', {
        type: 'EmailAddress',
        description: 'The requested address, in canonical form.',
      }),
      emailSignInToken: t.exposeString('emailSignInToken', {
        description:
          'A secret of this browser. The code in the mail works only together with it: send it with `completeEmailSignIn`. It proves nothing by itself. Never put it in a URL.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description:
          'When the link in such a mail expires. The code expires with it, and after ten minutes at the latest.',
      }),
      resendableAt: t.expose('resendableAt', {
        type: 'DateTime',
        description:
          'When another mail can be requested. Only requests made through this API count, so the value reveals nothing about the address.',
      }),
    }),
  });

const RequestEmailSignInInput = builder.inputType('RequestEmailSignInInput', {
  description: 'The account to sign in to.',
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

builder.mutationField('requestEmailSignIn', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.mailSource,
      RULES.mailBurst,
      RULES.mailDay,
      RULES.emailSignInNoAccount,
      RULES.requestsBurst,
    ),
    ...costly,
    description:
      'Mail a code and a link that sign in without a password. The answer does not reveal whether the address has an account. Returns NotFoundError if `authSettings.emailSignIn` is OFF.',
    types: [EmailSignInStartedType, NotFoundError, ...anyone],
    union: resultUnion('requestEmailSignIn'),
    args: {
      input: t.arg({
        type: RequestEmailSignInInput,
        required: true,
        description: 'The email address.',
      }),
    },
    resolve: async (_root, { input }, { deps, client, deviceCookie }) => {
      const deviceToken = input.deviceToken ?? deviceCookie.read();
      return await requestEmailSignIn(deps, { email: input.email, deviceToken }, client);
    },
  }),
);

const EmailSignInCodeInput = builder.inputType('EmailSignInCodeInput', {
  description: 'The code from a mail, and the token of the browser that requested the mail.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'The code of 8 digits. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
    emailSignInToken: t.string({
      required: true,
      description:
        'The `emailSignInToken` of the request that mailed the code. The code works with no other.',
      validate: { schema: tokenRule },
    }),
  }),
});

const EmailSignInProofInput = builder.inputType('EmailSignInProofInput', {
  description:
    'The proof from a mail: either the token of its link, or its code with the token of the browser that requested it.',
  isOneOf: true,
  fields: (t) => ({
    code: t.field({ type: EmailSignInCodeInput, description: 'The code in the mail.' }),
    token: t.string({
      description: 'The `token` of the link in the mail. It works in every browser.',
      validate: { schema: tokenRule },
    }),
  }),
});

const CompleteEmailSignInInput = builder.inputType('CompleteEmailSignInInput', {
  description: 'The proof from the mail.',
  fields: (t) => ({
    proof: t.field({
      type: EmailSignInProofInput,
      required: true,
      description: 'The token of the link, or the code.',
    }),
  }),
});

builder.mutationField('completeEmailSignIn', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.mailProof,
      RULES.emailSignInCode,
      RULES.signInsAccount,
      RULES.signInsSource,
    ),
    ...costly,
    description:
      'Sign in with the proof from the mail. A person with a second factor is then asked for it; codes by email are not accepted as one. If the address had no account and `authSettings.emailSignIn` is REGISTER, one is created. Before using a link, show `mailedToken` and ask for a click. Otherwise a mail scanner, or a link that somebody else requested, could sign a person in.',
    types: [SignedInType, MfaRequiredType, InvalidTokenError, ...anyone],
    union: resultUnion('completeEmailSignIn'),
    args: {
      input: t.arg({
        type: CompleteEmailSignInInput,
        required: true,
        description: 'The proof from the mail.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client, deadline } = context;
      const presented = presentedSignIn(input.proof);
      return applySignIn(
        context,
        await completeEmailSignIn(deps, presented, client, deadline.signal),
      );
    },
  }),
);

/** @throws InvalidTokenError for text that cannot be a code. It is not counted as an attempt (TO-9). */
function presentedSignIn(input: typeof EmailSignInProofInput.$inferInput): PresentedSignIn {
  if (input.token != null) return { token: input.token };
  if (input.code != null) {
    const code = readDigits(input.code.code, MAIL_CODE_DIGITS);
    if (code === null) throw new InvalidTokenError();
    return { code, emailSignInToken: input.code.emailSignInToken };
  }
  throw new TypeError('A @oneOf input without a member reached its resolver.');
}
