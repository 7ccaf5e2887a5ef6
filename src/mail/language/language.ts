import type { MailTemplate, MailValues } from '../messages.ts';

/** Values that every mail may use in addition to its own. */
export type MailContext = {
  /** The service as its users know it: APP_NAME. */
  readonly appName: string;
};

/**
 * The words of one mail. Links and codes are not among them: the layout takes those from the
 * values, so that a translation cannot send anybody elsewhere.
 */
export type Words = {
  /** The subject, and the headline. Never holds a code: subjects show on locked screens. */
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly footnote: string;
  /** The words of further links, in the order of the values. */
  readonly links?: readonly string[];
};

/** A mail with a link also needs the words on its button. */
type WordsFor<Values> = Words &
  (Values extends { readonly url: string | null } ? { readonly button: string } : unknown);

/** A language has every mail; the compiler says which one is missing. */
export type Language = {
  /** BCP 47. */
  readonly tag: string;
  /** Introduces the code of a mail that has no link. */
  readonly code: (codeExpiresAt: Date) => string;
  /** Introduces the code of a mail whose link does the same. */
  readonly codeInstead: (codeExpiresAt: Date) => string;
  /** Introduces the bare address under a button. */
  readonly linkInstead: string;
  readonly sentBy: (context: MailContext) => string;
  readonly messages: {
    readonly [T in MailTemplate]: (
      values: MailValues<T>,
      context: MailContext,
    ) => WordsFor<MailValues<T>>;
  };
};
