import { InvalidTokenError } from '../kernel/errors.ts';
import { MAIL_CODE_DIGITS, type PresentedProof } from '../kernel/proof.ts';
import { readDigits } from '../kernel/unicode.ts';
import { builder } from './builder.ts';
import { codeRule, emailRule, tokenRule } from './inputs.ts';

const EmailCodeInput = builder.inputType('EmailCodeInput', {
  description: 'The code from a mail, and the address that the mail was sent to.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'The address that the mail was sent to.',
      validate: { schema: emailRule },
    }),
    code: t.string({
      required: true,
      description: 'The code of 8 digits. Spaces, dashes and invisible characters are ignored.',
      validate: { schema: codeRule },
    }),
  }),
});

export const EmailProofInput = builder.inputType('EmailProof', {
  description:
    'The proof from a mail: either the token of its link, or its code and the address that the mail was sent to.',
  isOneOf: true,
  fields: (t) => ({
    token: t.string({
      description: 'The `token` of the link in the mail.',
      validate: { schema: tokenRule },
    }),
    code: t.field({ type: EmailCodeInput, description: 'The code in the mail.' }),
  }),
});

/**
 * Converts the input to the proof that operations use.
 *
 * @throws InvalidTokenError for text that cannot be a code. It has not been counted as an attempt (TO-9).
 */
export function presentedProof(input: typeof EmailProofInput.$inferInput): PresentedProof {
  if (input.token != null) return { token: input.token };
  if (input.code != null) {
    const code = readDigits(input.code.code, MAIL_CODE_DIGITS);
    if (code === null) throw new InvalidTokenError();
    return { code: { email: input.code.email, code } };
  }
  throw new TypeError('A @oneOf input without a member reached its resolver.');
}
