/**
 * What the scripts of the development pages begin with: the values of their page, and a way to show
 * what came of it. Text is written as text only.
 */
export const PAGE_SCRIPT = `
const page = JSON.parse(document.getElementById('data').textContent);
const status = document.querySelector('[role=status]');

function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
}

function show(kind, ...children) {
  status.className = kind;
  status.replaceChildren(...children);
}

/** The tokens of an answer, for a GraphiQL that is opened in this browser tab. Never a null one. */
function keepForGraphiql(result) {
  const tokens = Object.entries(result).filter(([name, one]) => name.endsWith('Token') && one);
  const before = JSON.parse(sessionStorage.getItem('latchkey.kept') ?? '{}');
  const kept = { ...before, ...Object.fromEntries(tokens) };
  sessionStorage.setItem('latchkey.kept', JSON.stringify(kept));
}

function copyable(label, value) {
  const wrapper = element('label', label);
  const area = element('textarea', value);
  area.readOnly = true;
  area.rows = 4;
  area.addEventListener('focus', () => area.select());
  wrapper.append(area);
  return wrapper;
}
`;
