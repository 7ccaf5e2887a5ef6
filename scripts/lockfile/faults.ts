/** The part of package-lock.json that matters here (lockfileVersion 3). */
export type Lockfile = {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

type LockedPackage = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
};

const REGISTRY = 'https://registry.npmjs.org/';
const SHA512 = /^sha512-[\w+/]{86}==$/;
const BELOW_NODE_MODULES = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/;

/**
 * The faults of a lock file, one line for each package: whatever `npm ci` would install without comparing it to a
 * recorded SHA-512, or fetch from anywhere but the registry over https. An entry without an address is the
 * registry's package of that name and version (`omit-lockfile-registry-resolved`).
 */
export function lockfileFaults(lockfile: Lockfile): readonly string[] {
  if (lockfile.lockfileVersion !== 3) return ['The lock is of another version than 3.'];
  return Object.entries(lockfile.packages).flatMap(([path, entry]) => {
    const fault = BELOW_NODE_MODULES.test(path)
      ? faultOf(entry, lockfile)
      : faultOfOwn(path, entry);
    return fault === null ? [] : [`${path}: ${fault}`];
  });
}

function faultOf({ link, resolved, integrity }: LockedPackage, lockfile: Lockfile): string | null {
  if (link === true) {
    const isOurs = resolved !== undefined && Object.hasOwn(lockfile.packages, resolved);
    return isOurs ? null : 'links to a folder that is no workspace.';
  }
  if (resolved !== undefined && !resolved.startsWith(REGISTRY)) return `comes from ${resolved}.`;
  return SHA512.test(integrity ?? '') ? null : 'has no SHA-512.';
}

/** The root and the workspaces are in the repository; nothing is fetched for them. */
function faultOfOwn(path: string, { resolved }: LockedPackage): string | null {
  if (path.split('/').includes('..')) return 'lies outside of the repository.';
  return resolved === undefined ? null : `comes from ${resolved}.`;
}
