import { disableAccount } from '../journeys/account/disable-account.ts';
import { enableAccount } from '../journeys/account/enable-account.ts';
import { amount, countSessionsOf } from './affected.ts';
import { command } from './command.ts';
import { ACCOUNT } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const accountsDisableCommand = command({
  name: 'accounts disable',
  summary: 'close an account: its sessions end, and nothing signs in until it is enabled again',
  details:
    'No sign-in, reset or provider lets the person in, and the right password is answered like a wrong one. Services that verify access tokens themselves accept existing ones for up to ACCESS_TOKEN_TTL. If the account is already closed, the command succeeds and changes nothing.',
  parameters: { email: ACCOUNT },
  async loss({ email }, terminal) {
    const sessions = await withDatabase(terminal, (deps) => countSessionsOf(deps, email));
    return { rows: sessions + 1, what: `close ${email} and end ${amount(sessions, 'session')}` };
  },
  async run({ email }, terminal) {
    const { isChanged, sessionsEnded } = await withDatabase(terminal, (deps) =>
      disableAccount(deps, email),
    );
    return {
      rows: [{ email, state: 'disabled', changed: isChanged, sessionsEnded }],
      lines: [
        isChanged
          ? `${email} is disabled; ${amount(sessionsEnded, 'session')} ended.`
          : `${email} was disabled already. Nothing was changed.`,
      ],
    };
  },
});

export const accountsEnableCommand = command({
  name: 'accounts enable',
  summary: 'open an account that was closed, with the password and the factors it had',
  details:
    'Its sessions stay ended. If the account is already open, the command succeeds and changes nothing.',
  parameters: { email: ACCOUNT },
  async run({ email }, terminal) {
    const { isChanged } = await withDatabase(terminal, (deps) => enableAccount(deps, email));
    return {
      rows: [{ email, state: 'enabled', changed: isChanged }],
      lines: [
        isChanged ? `${email} is enabled.` : `${email} was enabled already. Nothing was changed.`,
      ],
    };
  },
});
