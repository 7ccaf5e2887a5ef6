import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

/** One difference between two schemas. */
export type Difference = { readonly path: string; readonly message: string };

/** The changes of the schema since a release. */
export type SchemaDrift = {
  /** Clients of the release can fail. */
  readonly breaking: readonly Difference[];
  /** Clients of the release can meet something they do not know. */
  readonly dangerous: readonly Difference[];
  /** The breaking changes that the changelog does not announce. */
  readonly unannounced: readonly Difference[];
};

/** Compares the schema with a released one, and with what the changelog announces. */
export async function schemaDrift(
  released: string,
  current: string,
  changelog: string,
): Promise<SchemaDrift> {
  const changes = await diff(buildSchema(released), buildSchema(current));
  const of = (level: CriticalityLevel): readonly Difference[] =>
    changes
      .filter(({ criticality }) => criticality.level === level)
      .map(({ path, message }) => ({ path: path ?? '', message }));
  const breaking = of(CriticalityLevel.Breaking);
  const lines = announcements(changelog);
  const unannounced = breaking.filter(
    ({ path }) => !lines.some((line) => line.includes(`\`${path}\``)),
  );
  return { breaking, dangerous: of(CriticalityLevel.Dangerous), unannounced };
}

/** The lines of the unreleased section that begin with "Breaking". */
function announcements(changelog: string): readonly string[] {
  const section =
    /^## \[?Unreleased\]?.*$([\s\S]*?)(?=^## |$(?![\s\S]))/im.exec(changelog)?.[1] ?? '';
  return section.split('\n').filter((line) => /^[-*] \*{0,2}Breaking\b/.test(line));
}
