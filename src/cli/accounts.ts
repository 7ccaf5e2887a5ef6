import { disableAccount } from '../journeys/account/disable-account.ts';
import { enableAccount } from '../journeys/account/enable-account.ts';
import { countSessionsOf } from './affected.ts';
import { type Command, oneAddress } from './command.ts';
import { destructive } from './destructive.ts';
import { withDatabase } from './with-database.ts';

/** `accounts disable <email>` */
export const accountsDisableCommand: Command = destructive({
  name: 'accounts disable',
  usage: '<email>',
  summary: 'close an account: its sessions end, and nothing signs in until it is enabled again',
  async loss(args, terminal) {
    const email = oneAddress(args);
    const sessions = await withDatabase(terminal, (deps) => countSessionsOf(deps, email));
    return { rows: sessions + 1, what: `close ${email} and end ${sessions} sessions` };
  },
  async run(args, terminal) {
    const email = oneAddress(args);
    const ended = await withDatabase(terminal, (deps) => disableAccount(deps, email));
    terminal.out(`disabled; ${ended} sessions ended.`);
    return 0;
  },
});

/** `accounts enable <email>` */
export const accountsEnableCommand: Command = {
  name: 'accounts enable',
  usage: '<email>',
  summary: 'open an account that was closed, with the password and the factors it had',
  async run(args, terminal) {
    const email = oneAddress(args);
    await withDatabase(terminal, (deps) => enableAccount(deps, email));
    terminal.out('enabled.');
    return 0;
  },
};
