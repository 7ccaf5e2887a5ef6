import { isolate } from './isolate.ts';
import type { Language, MailContext, Words } from './language/language.ts';
import type { MailMessage, MailTemplate, MailValues } from './messages.ts';

/** The content of a mail, for both layouts: no markup, with names and addresses isolated. */
export type MailContent = {
  readonly language: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly button: {
    readonly label: string;
    readonly url: string;
    readonly instead: string;
  } | null;
  /** Further links, each with its label. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly code: { readonly label: string; readonly value: string } | null;
  readonly footnote: string;
  readonly sentBy: string;
};

/** The language and the names that a mail is written with. */
export type MailStyle = MailContext & {
  readonly language: Language;
  /** A code that has expired by then is left out; its link may still be valid. */
  readonly now: Date;
};

/** Composes a mail from its values in a language. */
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

/** The language isolates names and addresses itself, where it shortens them (strangers.ts). */
function withIsolatedProvider(message: MailMessage): MailMessage {
  return 'provider' in message ? { ...message, provider: isolate(message.provider) } : message;
}

/** TypeScript cannot infer that a message fits the function of its template, hence the assertion. */
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
