import { type Html, html } from '../kernel/html.ts';
import type { Mail } from '../kernel/ports.ts';
import { composeMail, type MailContent, type MailStyle } from './content.ts';
import { isolatedHtml, isolatedText } from './isolate.ts';
import type { MailMessage } from './messages.ts';

/** A mail's subject, and its content as plain text and as HTML. */
export type RenderedMail = Pick<Mail, 'subject' | 'text' | 'html'>;

/** Renders a mail in a language. */
export function renderMail(message: MailMessage, style: MailStyle): RenderedMail {
  const content = composeMail(message, style);
  return {
    subject: isolatedText(content.title),
    text: textLayout(content),
    html: htmlLayout(content).toString(),
  };
}

/** The plain text. A link and a code each have a line of their own, for people and for scripts. */
function textLayout(content: MailContent): string {
  const { title, paragraphs, button, links, code, footnote, sentBy } = content;
  const blocks = [
    title,
    ...paragraphs,
    ...(button ? [`${button.label}:\n${button.url}`] : []),
    ...links.map(({ label, url }) => `${label}:\n${url}`),
    ...(code ? [`${code.label}\n${code.value}`] : []),
    footnote,
    `-- \n${sentBy}`,
  ];
  return isolatedText(`${blocks.join('\n\n')}\n`);
}

const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:8px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none';
const CODE =
  'margin:0 0 24px;font:600 28px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px';
const SMALL = 'margin:0 0 16px;font-size:14px;opacity:0.75';

/**
 * The HTML: one column, with inline styles, which mail programs require. Text and background keep the
 * reader's own colors, so that a dark theme stays readable. The button sets both of its colors.
 */
function htmlLayout(content: MailContent): Html {
  const { language, title, paragraphs, button, links, code, footnote, sentBy } = content;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${isolatedText(title)}</title>
</head>
<body style="margin:0;padding:24px 16px">
<div style="max-width:560px;margin:0 auto;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${isolatedHtml(title)}</h1>
${paragraphs.map((paragraph) => html`<p style="margin:0 0 16px">${isolatedHtml(paragraph)}</p>\n`)}${
  button &&
  html`<p style="margin:24px 0"><a href="${button.url}" target="_blank" rel="noopener noreferrer" style="${BUTTON}">${button.label}</a></p>
<p style="${SMALL}">${button.instead}<br><span style="word-break:break-all">${button.url}</span></p>\n`
}${links.map(
  ({ label, url }) =>
    html`<p style="margin:0 0 16px"><a href="${url}" target="_blank" rel="noopener noreferrer">${label}</a></p>\n`,
)}${
  code &&
  html`<p style="margin:0 0 8px">${code.label}</p>
<p style="${CODE}">${code.value}</p>\n`
}<p style="${SMALL}">${isolatedHtml(footnote)}</p>
<hr style="margin:24px 0 16px;border:0;border-top:1px solid #9ca3af">
<p style="${SMALL}">${isolatedHtml(sentBy)}</p>
</div>
</body>
</html>
`;
}
