import { grantAdministration, revokeAdministration } from '../admin/roles/administrators.ts';
import { command, UNKNOWN } from './command.ts';
import { ACCOUNT } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const adminsGrantCommand = command({
  name: 'admins grant',
  summary: 'make a person an administrator: give them the built-in role admin',
  details:
    "No administrator exists until this command has run. The person uses the administrators' API with their own session, in which they must have proven a second factor. A factor that they enroll after this command counts after a day, or as soon as the command runs again. An account whose address is not verified is refused: whoever registered it may be a stranger. If the person is an administrator with such a factor already, the command succeeds and changes nothing.",
  parameters: { email: ACCOUNT },
  exitCodes: UNKNOWN,
  async run({ email }, terminal) {
    const { isChanged, hasSecondFactor } = await withDatabase(terminal, (deps) =>
      grantAdministration(deps, email),
    );
    return {
      rows: [{ email, state: 'administrator', changed: isChanged }],
      notes: hasSecondFactor
        ? []
        : [
            `${email} has no two-step verification. The role counts a day after they turn it on, or as soon as you run this command again after that.`,
          ],
      lines: [
        isChanged
          ? `${email} is an administrator.`
          : `${email} was already an administrator. Nothing was changed.`,
      ],
    };
  },
});

export const adminsRevokeCommand = command({
  name: 'admins revoke',
  summary: 'take the built-in role admin from a person',
  details:
    'It takes effect with the next request. Other roles of the person stay, and may carry permissions of administrators. If the person does not hold the role, the command succeeds and changes nothing.',
  parameters: { email: ACCOUNT },
  exitCodes: UNKNOWN,
  async run({ email }, terminal) {
    const { isChanged } = await withDatabase(terminal, (deps) => revokeAdministration(deps, email));
    return {
      rows: [{ email, state: 'not an administrator', changed: isChanged }],
      lines: [
        isChanged
          ? `${email} is no longer an administrator.`
          : `${email} was not an administrator. Nothing was changed.`,
      ],
    };
  },
});
