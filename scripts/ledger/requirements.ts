import { readFileSync } from 'node:fs';

/** A numbered requirement of docs/requirements.md, or a fault of its section 3. */
export type Requirement = {
  readonly id: string;
  /** Null for a fault: all of them block a release. */
  readonly level: 'MUST' | 'SHOULD' | null;
};

/** The requirements under one heading. */
export type Section = { readonly title: string; readonly requirements: readonly Requirement[] };

const ID = /^[A-Z][A-Z\d]?-\d+[a-z]?$/;

const PATH = new URL('../../docs/requirements.md', import.meta.url);

/** Every requirement of docs/requirements.md, in its order. */
export function readRequirements(): readonly Section[] {
  return readFileSync(PATH, 'utf8')
    .split(/^#{2,3} /m)
    .map((text) => ({
      title: text.slice(0, text.indexOf('\n')),
      requirements: text.split('\n').flatMap(requirementOf),
    }))
    .filter(({ requirements }) => requirements.length > 0);
}

function requirementOf(line: string): readonly Requirement[] {
  const [, id = '', level = ''] = line.split('|').map((cell) => cell.trim());
  if (!ID.test(id)) return [];
  return [{ id, level: level === 'MUST' || level === 'SHOULD' ? level : null }];
}
