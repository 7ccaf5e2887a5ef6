/**
 * The common beginning of the development pages' scripts: the values of the page, and functions that show a
 * result. Text is only ever inserted as text.
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

/** Stores the tokens of a result for GraphiQL in this browser tab. Null tokens are not stored. */
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
