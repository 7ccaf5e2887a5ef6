import { describe, expect, test } from 'vitest';
import { schemaDrift } from '../../scripts/sdl/promise.ts';
import { printApi } from '../../src/graphql-engine/print-schema.ts';

const RELEASED = `
  type Query { user(id: ID!): User }
  type User { id: ID! name: String! role: Role! }
  enum Role { ADMIN }
`;

const paths = (differences: readonly { readonly path: string }[]) =>
  differences.map(({ path }) => path);

describe('the schema as a promise', () => {
  test('a field taken away, made nullable or needing more is breaking, and must be announced', async () => {
    const current = `
      type Query { user(id: ID!, realm: String!): User }
      type User { id: ID! name: String }
      enum Role { ADMIN }
    `;
    const drift = await schemaDrift(RELEASED, current, '');
    expect(paths(drift.breaking).sort()).toEqual(['Query.user.realm', 'User.name', 'User.role']);
    expect(drift.unannounced).toEqual(drift.breaking);
  });

  test('only a line that says so, of that very path, in the unreleased part, announces it', async () => {
    const current = RELEASED.replace('name: String!', '');
    const unannounced = async (changelog: string) =>
      (await schemaDrift(RELEASED, current, changelog)).unannounced.length;
    expect(await unannounced('## Unreleased\n\n- **Breaking** `User.name` is gone.\n')).toBe(0);
    expect(await unannounced('## [Unreleased]\n- Breaking: `User.name` is gone.\n## 1.0.0\n')).toBe(
      0,
    );
    for (const changelog of [
      '## Unreleased\n- `User.name` is gone.\n',
      '## Unreleased\n- **Breaking** `User` is another.\n',
      '## Unreleased\n- **Breaking** `User.names` is gone.\n',
      '## Unreleased\n\n## 1.0.0\n- **Breaking** `User.name` is gone.\n',
      '- **Breaking** `User.name` is gone.\n',
    ]) {
      expect(await unannounced(changelog)).toBe(1);
    }
  });

  test('a new enum value is worth a look; a new field or a new description is nothing', async () => {
    const grown = RELEASED.replace('ADMIN', 'ADMIN GUEST').replace('name:', 'nick: String name:');
    const drift = await schemaDrift(RELEASED, grown, '');
    expect(drift.breaking).toEqual([]);
    expect(paths(drift.dangerous)).toEqual(['Role.GUEST']);
  });

  test('the API as it is differs from itself in nothing', async () => {
    const drift = await schemaDrift(printApi(), printApi(), '');
    expect(drift).toEqual({ breaking: [], dangerous: [], unannounced: [] });
  });
});
