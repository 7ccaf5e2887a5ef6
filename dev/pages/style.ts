/** The development pages' one style sheet. Both themes; readable from 320 px up. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14161a);
  --card: light-dark(#ffffff, #1d2026);
  --ink: light-dark(#1b1f27, #e8eaee);
  --quiet: light-dark(#586069, #a3abb8);
  --line: light-dark(#d9dde3, #363b45);
  --accent: light-dark(#1d4ed8, #8ab4ff);
  --on-accent: light-dark(#ffffff, #0b1530);
  --good: light-dark(#e5f5ea, #16301f);
  --bad: light-dark(#fdeaea, #3a1a1c);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
header, main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
header { font-weight: 700; }
header a { color: inherit; text-decoration: none; }
header span, .quiet { color: var(--quiet); font-weight: 400; font-size: .9rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0 0 .25rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1.25rem; margin: 0 0 1rem;
}
.card > :last-child { margin-bottom: 0; }
p { margin: 0 0 1rem; }
dl { margin: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 1rem; color: var(--quiet); overflow-wrap: anywhere; }
pre {
  margin: 0 0 1rem; font: .9rem/1.5 ui-monospace, Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.code { font: 600 1.75rem/1.2 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .15em; }
label { display: block; font-weight: 600; margin: 0 0 .35rem; }
input, textarea {
  width: 100%; padding: .6rem .75rem; margin: 0 0 1rem; border: 1px solid var(--quiet);
  border-radius: .5rem; background: var(--ground); color: inherit; font: inherit;
}
textarea { font: .85rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
button, .button {
  display: inline-block; padding: .65rem 1.1rem; margin: 0 0 1rem; border: 0; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600;
  text-decoration: none; cursor: pointer;
}
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=status]:empty { display: none; }
[role=status] { padding: 1rem; border-radius: .5rem; border: 1px solid var(--line); }
[role=status].good { background: var(--good); }
[role=status].bad { background: var(--bad); }
[role=status] > :last-child { margin-bottom: 0; }
iframe {
  width: 100%; height: 26rem; margin-top: .75rem; border: 1px solid var(--line);
  border-radius: .5rem; resize: vertical;
}
`;
