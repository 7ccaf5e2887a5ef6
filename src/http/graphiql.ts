import type { Config } from '../config.ts';
import { html } from '../kernel/html.ts';
import type { HttpResponse } from './exchange.ts';
import type { Tab } from './graphiql-tabs.ts';

/**
 * The GraphiQL page. It contains 9 MB of script, so it is rendered once and every response shares the same bytes:
 * a slow reader does not keep a copy in memory (HT-5c).
 */
export function createGraphiqlPage({ appName, path, tabs }: GraphiqlOptions) {
  let body: Promise<Buffer> | undefined;
  return async (): Promise<HttpResponse> => {
    body ??= render({ title: `${appName} GraphiQL`, path, tabs: tabs() });
    return { status: 200, headers: { 'content-type': 'text/html' }, body: await body };
  };
}

type GraphiqlOptions = Pick<Config, 'appName'> & {
  /** Two pages of one origin keep their tabs apart, and share the tokens. */
  readonly path: string;
  /** Called when the page is first opened, which never happens in production. */
  readonly tabs: () => readonly Tab[];
};

/** The call with which the package's page starts GraphiQL. Its options can only be JSON. */
const START = 'YogaGraphiQL.renderYogaGraphiQL(';

/** @throws Error if the package's page does not have the shape that this code expects */
async function render({
  title,
  path,
  tabs,
}: {
  readonly title: string;
  readonly path: string;
  readonly tabs: readonly Tab[];
}): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const safeTitle = html`${title}`.toString();
  const page = renderGraphiQL({ title: safeTitle });
  const start = page.lastIndexOf(START);
  const end = page.indexOf('</script>', start);
  const head = page.indexOf('</head>');
  if (start < 0 || end < 0 || head < 0)
    throw new Error('The page of GraphiQL has an unexpected shape.');
  // Inside a script element only `<` can end it.
  const data = JSON.stringify({ title: safeTitle, tabs, path }).replaceAll('<', '\\u003c');
  return Buffer.from(
    `${page.slice(0, head)}<style>${GRAPHIQL_STYLE}</style>${page.slice(head, start)}` +
      `const page = ${data};${GRAPHIQL_SCRIPT}${page.slice(end)}`,
  );
}

/**
 * The script that this server adds to GraphiQL's page. It stores the tokens of every result, sends the access token
 * with later requests and inserts the others into variables, so that nobody has to copy them between tabs. Like
 * everything that GraphiQL stores, the tokens are kept in the `sessionStorage` of this browser tab: no secret outlives
 * the tab or appears in the address bar.
 *
 * The script reads the constant `page`, which the page defines before it.
 */
const GRAPHIQL_SCRIPT = `
const KEPT = 'latchkey.kept';
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
const ENDS = new Set(['SignedOut', 'AccountDeleted', 'PasswordChanged', 'EmailChangeUndone', 'SecurityChangeUndone']);

/** Stores every token in a result under its name, and shows the QR code. */
function learn(value) {
  if (Array.isArray(value)) return value.forEach(learn);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === 'string' && name.endsWith('Token')) kept[name] = one;
    else if (name === 'qrCode' && typeof one === 'string') showPicture(one);
    else learn(one);
  }
}

function forget() {
  for (const name of Object.keys(kept)) delete kept[name];
}

/** Replaces {{name}} in the variables with the token that an earlier result returned under that name. */
function filled(value) {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]));
  }
  const name = typeof value === 'string' ? /^\\{\\{(\\w+)\\}\\}$/.exec(value)?.[1] : undefined;
  return name === undefined ? value : (kept[name] ?? value);
}

/** After a tab was opened, GraphiQL sends the operation name of the previous tab until it has parsed the new one. */
function nameIn(query, name) {
  return name && new RegExp('(query|mutation)\\\\s+' + name + '\\\\b').test(query) ? name : undefined;
}

async function fetcher({ query, variables, operationName }, options) {
  const headers = new Headers(options?.headers);
  headers.set('content-type', 'application/json');
  headers.set('accept', 'application/json');
  headers.set('x-latchkey-csrf', '1');
  if (kept.accessToken && !headers.has('authorization')) {
    headers.set('authorization', 'Bearer ' + kept.accessToken);
  }
  const response = await fetch(location.pathname, {
    method: 'POST',
    redirect: 'error',
    credentials: 'same-origin',
    headers,
    body: JSON.stringify({ query, variables: filled(variables), operationName: nameIn(query, operationName) }),
  });
  const answer = await response.json();
  const outcomes = Object.values(answer.data ?? {});
  if (operationName !== 'IntrospectionQuery') {
    const hasEnded = outcomes.some((outcome) => ENDS.has(outcome?.__typename));
    // A change of the password keeps this session; a reset ends it.
    if (hasEnded && !('changePassword' in answer.data)) forget();
    outcomes.forEach(learn);
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    showKept();
  }
  return answer;
}

const bar = document.createElement('aside');
bar.id = 'latchkey-bar';
bar.setAttribute('aria-label', 'Tokens of this tab');
document.body.append(bar);

function element(name, text, onClick) {
  const made = document.createElement(name);
  made.textContent = text;
  if (onClick) {
    made.type = 'button';
    made.addEventListener('click', onClick);
  }
  return made;
}

/** Shows only the names of the tokens, because screens are often shared. */
function showKept() {
  const others = Object.keys(kept).filter((name) => name !== 'accessToken');
  const words = kept.accessToken ? 'Signed in. Every tab sends the access token.' : 'Signed out.';
  const filledIn = others.length > 0 ? ' Also available: ' + others.join(', ') + '.' : '';
  const status = element('p', words + filledIn);
  status.setAttribute('role', 'status');
  bar.replaceChildren(
    status,
    ...(Object.keys(kept).length > 0
      ? [
          element('button', 'Forget', () => {
            forget();
            sessionStorage.removeItem(KEPT);
            showKept();
          }),
        ]
      : []),
  );
}

function showPicture(source) {
  document.getElementById('latchkey-qr')?.remove();
  const figure = document.createElement('figure');
  figure.id = 'latchkey-qr';
  const image = new Image(240, 240);
  image.alt = 'QR code for your authenticator app';
  image.src = source;
  figure.append(
    image,
    element('figcaption', 'Scan it with an authenticator app, then send ConfirmTotp.'),
    element('button', 'Close', () => figure.remove()),
  );
  document.body.append(figure);
}

/**
 * Pressing a tab focuses it, and the focus moves the tab away from under the pointer. The release then hits another
 * element, so the browser reports no click on the tab. This listener opens the pressed tab unless it was dragged.
 */
addEventListener('pointerdown', (down) => {
  const tab = down.target.closest('.graphiql-tab-button')?.closest('[role=tab]');
  if (!tab) return;
  const open = (up) => {
    const isDragged = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) > 8;
    if (isDragged) return;
    setTimeout(() => {
      if (tab.getAttribute('aria-selected') === 'false') tab.querySelector('button').click();
    });
  };
  addEventListener('pointerup', open, { once: true, capture: true });
}, true);

/** What GraphiQL stores, apart from what another page of this origin stores. */
const named = (name) => page.path + ' ' + name;
const storage = {
  getItem: (name) => sessionStorage.getItem(named(name)),
  setItem: (name, value) => sessionStorage.setItem(named(name), value),
  removeItem: (name) => sessionStorage.removeItem(named(name)),
  clear: () => Object.keys(sessionStorage).filter((key) => key.startsWith(named(''))).forEach((key) => sessionStorage.removeItem(key)),
  get length() {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(named(''))).length;
  },
};

/** GraphiQL shows the variables of its first tab only if they are passed twice. */
const isNew = storage.getItem('graphiql:tabState') === null;
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  title: page.title,
  defaultTabs: page.tabs,
  ...(isNew && { variables: page.tabs[0].variables }),
  shouldPersistHeaders: false,
  storage,
  fetcher,
  // Replaces the default, which writes the document into the address bar.
  onEditQuery: () => {},
});
showKept();
`;

/** The style of the bar and the QR code, in both themes of GraphiQL. */
const GRAPHIQL_STYLE = `
#root { height: calc(100dvh - 3rem) !important; }
#root .graphiql-container { height: 100% !important; }
.graphiql-logo { white-space: nowrap; }
@media (width < 700px) { .graphiql-logo { display: none !important; } }
#latchkey-bar {
  position: fixed; inset: auto 0 0; z-index: 10; height: 3rem; overflow: auto; display: flex; gap: 1rem; align-items: center; justify-content: space-between;
  padding: .4rem 1rem; font: 14px/1.4 system-ui, sans-serif; color: #e8eaee; background: #1d2433;
}
#latchkey-bar p { margin: 0; overflow-wrap: anywhere; }
#latchkey-bar button, #latchkey-qr button {
  padding: .3rem .8rem; border: 1px solid currentcolor; border-radius: .4rem; background: none;
  color: inherit; font: inherit; cursor: pointer;
}
#latchkey-qr {
  position: fixed; right: 1rem; bottom: 4rem; z-index: 20; display: grid; gap: .5rem; justify-items: center;
  width: min(17rem, calc(100vw - 2rem)); margin: 0; padding: 1rem; border-radius: .75rem;
  font: 14px/1.4 system-ui, sans-serif; color: #1b1f27; background: #fff; box-shadow: 0 6px 30px #0008;
}
#latchkey-qr figcaption { text-align: center; }
`;
