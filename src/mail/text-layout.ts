import type { MailContent } from './content.ts';
import { isolatedText } from './isolate.ts';

/** Plain text: link and code each on a line of their own, for people and for scripts. */
export function textLayout(content: MailContent): string {
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
