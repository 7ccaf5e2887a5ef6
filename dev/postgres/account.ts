import { lchown, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The user and group that Postgres runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Tried in this order when root's own folder names nobody better. */
const SYSTEM_ACCOUNTS = ['postgres', 'nobody'];

/**
 * The account to drop to, or undefined where there is nothing to drop: Postgres refuses to run
 * as root. Who already owns the data comes first (it must stay readable), then the owner of the
 * checkout (root working in somebody's folder), then a system account. initdb looks its user
 * up by number, so only accounts of /etc/passwd will do.
 */
export async function unprivilegedAccount(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = await passwdEntries();
  const owner = await ownerOfNearest(dataDir);
  const known = [...accounts.values()].find((account) => account.uid === owner);
  if (owner !== 0 && known !== undefined) return known;
  for (const name of SYSTEM_ACCOUNTS) {
    const account = accounts.get(name);
    if (account !== undefined && account.uid !== 0) return account;
  }
  throw new Error(
    'Postgres does not run as root, and this system has neither a postgres nor a nobody user to ' +
      'run it as. Start as an ordinary user, or set DATABASE_URL.',
  );
}

/** Gives a whole tree to the account; symbolic links themselves, never what they point at. */
export async function giveTo(account: Account, root: string): Promise<void> {
  await lchown(root, account.uid, account.gid);
  const entries = await readdir(root, { recursive: true });
  for (const entry of entries) await lchown(join(root, entry), account.uid, account.gid);
}

async function ownerOfNearest(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined) return found.uid;
    if (folder === dirname(folder)) return 0;
  }
}

async function passwdEntries(): Promise<Map<string, Account>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const entries = new Map<string, Account>();
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) continue;
    if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) continue;
    if (!entries.has(name)) entries.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return entries;
}
