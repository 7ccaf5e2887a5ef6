import { onAccountOf } from '../account/by-address.ts';
import { disableAccount, enableAccount } from '../account/disable.ts';
import { amount, countSessionsOf } from './affected.ts';
import { command, UNKNOWN } from './command.ts';
import { ACCOUNT } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const accountsDisableCommand = command({
  name: 'accounts disable',
  summary:
    'disable an account: its sessions end, and nobody can sign in to it until it is enabled again',
  details:
    'The person cannot sign in with a password, a reset or a provider, and the correct password is answered like a wrong one. Services that verify access tokens themselves accept existing ones for up to ACCESS_TOKEN_TTL. If the account is already disabled, the command succeeds and changes nothing.',
  parameters: { email: ACCOUNT },
  exitCodes: UNKNOWN,
  async loss({ email }, terminal) {
    const sessions = await withDatabase(terminal, (deps) => countSessionsOf(deps, email));
    return { rows: sessions + 1, what: `disable ${email} and end ${amount(sessions, 'session')}` };
  },
  async run({ email }, terminal) {
    const { isChanged, sessionsEnded } = await withDatabase(terminal, (deps) =>
      onAccountOf(deps, email, (tx, person) => disableAccount(deps, tx, person)),
    );
    return {
      rows: [{ email, state: 'disabled', changed: isChanged, sessionsEnded }],
      lines: [
        isChanged
          ? `${email} is disabled; ${amount(sessionsEnded, 'session')} ended.`
          : `${email} was already disabled. Nothing was changed.`,
      ],
    };
  },
});

export const accountsEnableCommand = command({
  name: 'accounts enable',
  summary: 'enable an account that was disabled, with the password and the factors that it had',
  details:
    'Its sessions stay ended. If the account is already enabled, the command succeeds and changes nothing.',
  parameters: { email: ACCOUNT },
  exitCodes: UNKNOWN,
  async run({ email }, terminal) {
    const { isChanged } = await withDatabase(terminal, (deps) =>
      onAccountOf(deps, email, (tx, person) => enableAccount(deps, tx, person)),
    );
    return {
      rows: [{ email, state: 'enabled', changed: isChanged }],
      lines: [
        isChanged ? `${email} is enabled.` : `${email} was already enabled. Nothing was changed.`,
      ],
    };
  },
});
