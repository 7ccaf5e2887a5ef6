import { resealRemovedCredentials } from '../access-ledger/reseal.ts';
import { UnknownSigningKeyError } from '../access-token/errors.ts';
import { listSigningKeys, type SigningKeyListing } from '../access-token/list.ts';
import { resealSigningKeys } from '../access-token/reseal.ts';
import { revokeSigningKey } from '../access-token/revoke.ts';
import { rotateSigningKey } from '../access-token/rotate.ts';
import { resealTotpSecrets } from '../proofs/totp/reseal.ts';
import { type Command, noArguments, UsageError } from './command.ts';
import { destructive } from './destructive.ts';
import { withDatabase } from './with-database.ts';

/** `keys list` */
export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'show the signing keys in the order in which they sign',
  async run(args, terminal) {
    noArguments(args);
    const keys = await withDatabase(terminal, listSigningKeys);
    if (keys.length === 0)
      terminal.out('There are no signing keys yet: the first start makes them.');
    for (const key of keys) terminal.out(describe(key));
    return 0;
  },
};

/** `keys rotate` */
export const keysRotateCommand: Command = {
  name: 'keys rotate',
  summary: 'let the waiting signing key take over as soon as everybody knows it',
  async run(args, terminal) {
    noArguments(args);
    const { kid, activeFrom } = await withDatabase(terminal, rotateSigningKey);
    terminal.out(`${kid} signs from ${activeFrom.toISOString()} on.`);
    return 0;
  },
};

/** `keys revoke <kid>` */
export const keysRevokeCommand: Command = destructive({
  name: 'keys revoke',
  usage: '<kid>',
  summary: 'emergency: refuse the tokens of a signing key from now on',
  async loss(args, terminal) {
    const kid = oneKey(args);
    const keys = await withDatabase(terminal, listSigningKeys);
    if (!keys.some((key) => key.kid === kid)) throw new UnknownSigningKeyError();
    return { rows: 1, what: `refuse every token that ${kid} has signed` };
  },
  async run(args, terminal) {
    const kid = oneKey(args);
    await withDatabase(terminal, (deps) => revokeSigningKey(deps, kid));
    terminal.out(`${kid} is revoked. Every instance knows it within a minute.`);
    return 0;
  },
});

function oneKey(args: readonly string[]): string {
  const [kid, ...rest] = args;
  if (kid === undefined || rest.length > 0) throw new UsageError('Name one key: its kid.');
  return kid;
}

/** `keys reseal` */
export const keysResealCommand: Command = {
  name: 'keys reseal',
  summary: 'seal all that lasts with the newest of SECRET_KEYS, so that older ones can go',
  async run(args, terminal) {
    noArguments(args);
    await withDatabase(terminal, async (deps) => {
      terminal.out(`signing keys resealed: ${await resealSigningKeys(deps)}`);
      terminal.out(`authenticator secrets resealed: ${await resealTotpSecrets(deps)}`);
      terminal.out(`removed credentials resealed: ${await resealRemovedCredentials(deps)}`);
    });
    return 0;
  },
};

function describe(key: SigningKeyListing): string {
  const until = key.revokedAt
    ? `revoked ${key.revokedAt.toISOString()}`
    : key.retiredAt
      ? `until ${key.retiredAt.toISOString()}`
      : '';
  const note = key.sealIsStale ? 'sealed with an older secret: keys reseal' : '';
  const columns = [
    key.kid,
    key.state.padEnd(7),
    `from ${key.activeFrom.toISOString()}`,
    until,
    note,
  ];
  return columns.filter((column) => column !== '').join('  ');
}
