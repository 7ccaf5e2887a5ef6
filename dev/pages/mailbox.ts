import { type Html, html } from '../../src/kernel/html.ts';
import type { MemoryMailer, ReceivedMail } from '../../src/mail/memory-mailer.ts';
import { respondWithJson, respondWithPage } from './page.ts';

/** Reloads the page when a newer mail has arrived. Two seconds is soon for a person and no load for a laptop. */
const REFRESH = `
const { newest } = JSON.parse(document.getElementById('data').textContent);
setInterval(async () => {
  try {
    const address = '/dev/mailbox.json' + location.search;
    const [mail] = await (await fetch(address)).json();
    if ((mail ? mail.messageId : null) !== newest) location.reload();
  } catch {
    // The server is restarting. The next interval tries again.
  }
}, 2000);
`;

/** The mails that this server would have sent, newest first, as a page. `?to=` selects one address. */
export function mailboxPage(mailer: MemoryMailer, request: Request): Response {
  const mails = select(mailer, request);
  return respondWithPage({
    title: 'Mailbox',
    body: html`<h1>Mailbox</h1>
<p class="quiet">SMTP_URL is not set, so mails appear here, newest first. They are kept in memory only. For scripts: use <a href="/dev/mailbox.json">/dev/mailbox.json</a>, with <code>?to=</code> to select one address.</p>
${mails.length > 0 ? mails.map(article) : html`<p class="card">No mail yet. New mails appear here automatically.</p>`}`,
    script: REFRESH,
    data: { newest: mails[0]?.messageId ?? null },
    styleAttributes: true,
  });
}

/** The same mails for scripts, each with its code and its link extracted. */
export function mailboxJson(mailer: MemoryMailer, request: Request): Response {
  return respondWithJson(
    select(mailer, request).map((mail) => ({ ...mail, code: codeOf(mail), link: linkOf(mail) })),
  );
}

function select(mailer: MemoryMailer, request: Request): readonly ReceivedMail[] {
  const to = new URL(request.url).searchParams.get('to')?.toLowerCase();
  return to ? mailer.list().filter((mail) => mail.to === to) : mailer.list();
}

/** The text layout puts a code, and a link, on a line of its own. */
function codeOf(mail: ReceivedMail): string | null {
  return /^\d{8}$/m.exec(mail.text)?.[0] ?? null;
}

function linkOf(mail: ReceivedMail): string | null {
  return /^https?:\/\/\S+$/m.exec(mail.text)?.[0] ?? null;
}

function article(mail: ReceivedMail): Html {
  const code = codeOf(mail);
  const link = linkOf(mail);
  const at = mail.receivedAt.toISOString();
  return html`<article class="card">
<h2>${mail.subject}</h2>
<p class="quiet">to ${mail.to} · <time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time></p>
${code && html`<p class="code">${code}</p>\n`}${
  link &&
  html`<p><a class="button" href="${link}" target="_blank" rel="noopener noreferrer">Open the link</a></p>\n`
}<pre>${linked(mail.text)}</pre>
<details><summary>As HTML</summary>
<iframe title="${`HTML of: ${mail.subject}`}" sandbox="allow-popups allow-popups-to-escape-sandbox" loading="lazy" srcdoc="${mail.html}"></iframe>
</details>
</article>
`;
}

/** The text with its URLs turned into links. Everything else stays text. */
function linked(text: string): readonly (string | Html)[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) =>
      index % 2 === 0
        ? part
        : html`<a href="${part}" target="_blank" rel="noopener noreferrer">${part}</a>`,
    );
}
