import { isolate } from './isolate.ts';
import type { Language, MailContext, Words } from './language/language.ts';
import type { MailMessage, MailTemplate, MailValues } from './messages.ts';

/** A mail as both layouts see it: nothing here is markup, and what others chose is isolated. */
export type MailContent = {
  readonly language: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly button: {
    readonly label: string;
    readonly url: string;
    readonly instead: string;
  } | null;
  /** Further links, each with its words. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly code: { readonly label: string; readonly value: string } | null;
  readonly footnote: string;
  readonly sentBy: string;
};

/** How a mail is to be put into words. */
export type MailStyle = MailContext & {
  readonly language: Language;
  /** A code that is over by then is left out; its link may still be good. */
  readonly now: Date;
};

/** Puts a mail's values into a language's words. */
export function composeMail(
  message: MailMessage,
  { language, appName, now }: MailStyle,
): MailContent {
  const context = { appName: isolate(appName) };
  const words = wordsOf(withIsolatedProvider(message), language, context);
  const url = 'url' in message ? message.url : null;
  const introduce = url ? language.codeInstead : language.code;
  return {
    language: language.tag,
    title: words.title,
    paragraphs: words.paragraphs,
    button:
      url && words.button ? { label: words.button, url, instead: language.linkInstead } : null,
    links: 'openChanges' in message ? linksOf(message.openChanges, words.links) : [],
    code:
      'code' in message && message.codeExpiresAt > now
        ? { label: introduce(message.codeExpiresAt), value: message.code }
        : null,
    footnote: words.footnote,
    sentBy: language.sentBy(context),
  };
}

/** Names and addresses are isolated where the language shortens them: src/mail/strangers.ts. */
function withIsolatedProvider(message: MailMessage): MailMessage {
  return 'provider' in message ? { ...message, provider: isolate(message.provider) } : message;
}

/** TypeScript cannot tell that a message and its template's function belong together; we can. */
function wordsOf<T extends MailTemplate>(
  message: MailMessage & { readonly template: T },
  language: Language,
  context: MailContext,
): Words & { readonly button?: string } {
  return language.messages[message.template](message as MailValues<T>, context);
}

function linksOf(values: readonly { readonly url: string }[], labels: readonly string[] = []) {
  return values.flatMap(({ url }, index) => {
    const label = labels[index];
    return label === undefined ? [] : [{ label, url }];
  });
}
