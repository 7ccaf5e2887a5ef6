import { PAGE_SCRIPT } from './page-script.ts';

/**
 * The script of the pages that links in mails lead to. It changes nothing until the button is pressed
 * (PR-3: mail scanners open links); at most it reads what the link would do.
 */
export const PROOF_SCRIPT = `${PAGE_SCRIPT}
const form = document.querySelector('form');
const button = form.querySelector('button');
const token = new URLSearchParams(location.search).get('token');
const passwordNeeded = document.getElementById('password-needed');

function changes(title, list) {
  if (!list || list.length === 0) return [];
  const items = element('ul');
  items.append(...list.map(({ type, at, detail }) =>
    element('li', type + (detail ? ' (' + detail + ')' : '') + ', ' + at)));
  return [element('p', title), items];
}

function shown(result) {
  const words = page.outcomes[result.__typename] ?? page.done;
  const parts = [
    element('p', words),
    ...changes('Undone:', result.undone),
    ...changes('Restored:', result.restored),
    ...changes('Older, used in those sessions, and still active:', result.stays),
  ];
  keepForGraphiql(result);
  if (result.accessToken) {
    const headers = JSON.stringify({ Authorization: 'Bearer ' + result.accessToken }, null, 2);
    parts.push(copyable('For the Headers tab of GraphiQL', headers));
  }
  if (result.refreshToken) parts.push(copyable('Refresh token', result.refreshToken));
  if (result.challengeToken) parts.push(copyable('Challenge token', result.challengeToken));
  const next = element('a', 'Open GraphiQL');
  next.href = '/graphql';
  const line = element('p');
  line.append(next);
  return [...parts, line];
}

function refused(result) {
  const details = [...(result.reasons ?? []), ...(result.issues ?? []).map((issue) => issue.message)];
  const parts = [element('p', result.message)];
  if (details.length > 0) {
    const list = element('ul');
    list.append(...details.map((detail) => element('li', detail)));
    parts.push(list);
  }
  return parts;
}

async function post(query, variables, headers) {
  const response = await fetch('/graphql', {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

async function preview() {
  const place = document.getElementById('preview');
  const { data } = await post(page.preview, { token }, {});
  const mailed = data?.mailedToken;
  button.hidden = !mailed;
  place.replaceChildren(
    ...(mailed
      ? [
          element('p', 'Mailed to ' + mailed.email + ', ' + mailed.requestedAt + '.'),
          element('p', 'Requested from ' + (mailed.ipAddress ?? 'an unknown IP address') +
            ' with ' + (mailed.userAgent ?? 'an unknown program') + '.'),
          ...changes('Will be undone:', mailed.undoes),
          ...changes('Older, used in those sessions, and will stay:', mailed.stays),
        ]
      : [element('p', 'This link was used, has expired or was never issued.')]),
  );
}

async function send() {
  const input = page.proof ? { proof: { token } } : { token };
  const headers = {};
  for (const field of form.querySelectorAll('input')) {
    if (field.name === 'accessToken') headers.authorization = 'Bearer ' + field.value.trim();
    else if (field.value !== '' || field.required) input[field.name] = field.value;
  }
  const answer = await post(page.document, { input }, headers);
  const result = answer.data?.[page.field];
  if (!result) throw new Error(answer.errors?.[0]?.message ?? 'The server sent no data.');
  return result;
}

if (!token) {
  form.hidden = true;
  show('bad', element('p', 'This address contains no token. Open the complete link from the mail.'));
} else if (page.preview) {
  preview().catch((error) => show('bad', element('p', 'The request failed: ' + error.message)));
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const result = await send();
    if (result.__typename === 'PasswordNeeded') {
      show('good', element('p', page.outcomes.PasswordNeeded));
      passwordNeeded.hidden = false;
      const password = document.getElementById('password');
      password.required = true;
      password.focus();
    } else {
      const good = !result.__typename.endsWith('Error');
      show(good ? 'good' : 'bad', ...(good ? shown(result) : refused(result)));
      form.hidden = good;
    }
  } catch (error) {
    show('bad', element('p', 'The request failed: ' + error.message));
  }
  button.disabled = false;
});
`;
