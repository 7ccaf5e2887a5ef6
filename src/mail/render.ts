import type { Mail } from '../kernel/ports.ts';
import { composeMail, type MailStyle } from './content.ts';
import { htmlLayout } from './html-layout.ts';
import { isolatedText } from './isolate.ts';
import type { MailMessage } from './messages.ts';
import { textLayout } from './text-layout.ts';

/** What a mail says, as plain text and as HTML. */
export type RenderedMail = Pick<Mail, 'subject' | 'text' | 'html'>;

/** Writes a mail. */
export function renderMail(message: MailMessage, style: MailStyle): RenderedMail {
  const content = composeMail(message, style);
  return {
    subject: isolatedText(content.title),
    text: textLayout(content),
    html: htmlLayout(content).toString(),
  };
}
