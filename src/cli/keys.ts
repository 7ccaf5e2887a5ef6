import { resealRemovedCredentials } from '../access-ledger/reseal.ts';
import { UnknownSigningKeyError } from '../access-token/errors.ts';
import { listSigningKeys, type SigningKeyListing } from '../access-token/list.ts';
import { resealSigningKeys } from '../access-token/reseal.ts';
import { revokeSigningKey } from '../access-token/revoke.ts';
import { rotateSigningKey } from '../access-token/rotate.ts';
import { resealTotpSecrets } from '../proofs/totp/reseal.ts';
import { command, UNKNOWN } from './command.ts';
import { argument } from './parameters.ts';
import { withDatabase } from './with-database.ts';

export const keysListCommand = command({
  name: 'keys list',
  summary: 'show the signing keys in the order in which they sign',
  parameters: {},
  async run(_, terminal) {
    const keys = await withDatabase(terminal, listSigningKeys);
    if (keys.length > 0) return { rows: keys, lines: keys.map(describe) };
    return { rows: [], lines: ['There are no signing keys yet: the first start creates them.'] };
  },
});

export const keysRotateCommand = command({
  name: 'keys rotate',
  summary: 'activate the waiting signing key as soon as every resource server knows it',
  parameters: {},
  async run(_, terminal) {
    const { kid, activeFrom } = await withDatabase(terminal, rotateSigningKey);
    return {
      rows: [{ kid, activeFrom }],
      lines: [`${kid} signs from ${activeFrom.toISOString()}.`],
    };
  },
});

const KEY = argument({
  placeholder: 'kid',
  help: 'id of the key, as keys list shows it',
  read: (text) => text,
  rule: 'must name one key',
});

export const keysRevokeCommand = command({
  name: 'keys revoke',
  summary: 'emergency: refuse the tokens of a signing key from now on',
  details: 'If the key is already revoked, the command succeeds and changes nothing.',
  parameters: { kid: KEY },
  exitCodes: UNKNOWN,
  async loss({ kid }, terminal) {
    const keys = await withDatabase(terminal, listSigningKeys);
    if (!keys.some((key) => key.kid === kid)) throw new UnknownSigningKeyError();
    return { rows: 1, what: `refuse every token that ${kid} has signed` };
  },
  async run({ kid }, terminal) {
    const { isChanged } = await withDatabase(terminal, (deps) => revokeSigningKey(deps, kid));
    return {
      rows: [{ kid, state: 'revoked', changed: isChanged }],
      lines: [
        isChanged
          ? `${kid} is revoked. Every instance refuses its tokens within a minute.`
          : `${kid} was already revoked. Nothing was changed.`,
      ],
    };
  },
});

export const keysResealCommand = command({
  name: 'keys reseal',
  summary:
    'reseal everything stored with the newest of SECRET_KEYS, so that you can remove older ones',
  parameters: {},
  async run(_, terminal) {
    const rows = await withDatabase(terminal, async (deps) => [
      { what: 'signing keys', resealed: await resealSigningKeys(deps) },
      { what: 'authenticator secrets', resealed: await resealTotpSecrets(deps) },
      { what: 'removed credentials', resealed: await resealRemovedCredentials(deps) },
    ]);
    return { rows, lines: rows.map(({ what, resealed }) => `${what} resealed: ${resealed}`) };
  },
});

function describe(key: SigningKeyListing): string {
  const until = key.revokedAt
    ? `revoked ${key.revokedAt.toISOString()}`
    : key.retiredAt
      ? `until ${key.retiredAt.toISOString()}`
      : '';
  const note = key.sealIsStale ? 'sealed with an older secret: run keys reseal' : '';
  const columns = [
    key.kid,
    key.state.padEnd(7),
    `from ${key.activeFrom.toISOString()}`,
    until,
    note,
  ];
  return columns.filter((column) => column !== '').join('  ');
}
