import { userInfo } from 'node:os';
import { operatorName } from '../settings/schemas.ts';
import type { CommandTerminal } from './command.ts';

/**
 * The person who runs the command, for the audit log: LATCHKEY_ACTOR, else the user who called sudo,
 * else the account. The name is a claim and proves nothing: anyone with the database's password can
 * write any name.
 */
export function operatorOf(terminal: Pick<CommandTerminal, 'config' | 'environment'>): string {
  const { SUDO_USER, USER } = terminal.environment();
  const names = [terminal.config().operator, SUDO_USER, USER, accountName()];
  const clean = names.flatMap((name) => operatorName.safeParse(name).data ?? []);
  return clean[0] ?? `uid ${process.getuid?.() ?? 'unknown'}`;
}

/** The user of a container often has a number and no name. */
function accountName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
