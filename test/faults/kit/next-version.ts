import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The version after this one: the same code with more migrations. */
export type NextVersion = {
  readonly main: string;
  readonly cli: string;
  remove(): Promise<void>;
};

/** Copies the sources, or the bundle: their migrations lie beside them. */
export async function makeNextVersion(
  migrations: readonly { readonly name: string; readonly up: string; readonly down: string }[],
  { bundle }: { readonly bundle: string | null },
): Promise<NextVersion> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-next-'));
  if (bundle !== null) {
    await cp(bundle, folder, { recursive: true });
  } else {
    for (const part of ['src', 'drizzle', 'package.json']) {
      await cp(join(ROOT, part), join(folder, part), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  }
  for (const { name, up, down } of migrations) {
    await writeFile(join(folder, 'drizzle', `${name}.sql`), up);
    await writeFile(join(folder, 'drizzle', `${name}.down.sql`), down);
  }
  return {
    main: join(folder, bundle === null ? 'src/main.ts' : 'main.mjs'),
    cli: join(folder, bundle === null ? 'src/cli.ts' : 'cli.mjs'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
