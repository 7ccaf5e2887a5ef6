import { run } from '../../db/executor.ts';
import { builder } from '../../graphql/builder.ts';
import { toBase64url } from '../../proofs/passkey/base64url.ts';
import { PasskeyType } from '../../proofs/passkey/graphql.ts';
import { findUserHandle, listPasskeys } from '../../proofs/passkey/store.ts';
import { ViewerType } from '../../session/graphql.ts';

/** What a page reports to authenticators with the Signal API (L3 5.1.10). */
type PasskeySignals = {
  readonly rpId: string;
  readonly userHandle: string;
  readonly credentialIds: readonly string[];
  readonly name: string;
  readonly displayName: string;
};

const PasskeySignalsType = builder.objectRef<PasskeySignals>('PasskeySignals').implement({
  description:
    'What a page reports to authenticators about this account, so that they forget removed passkeys and show the current name: `PublicKeyCredential.signalAllAcceptedCredentials` and `signalCurrentUserDetails`.',
  fields: (t) => ({
    rpId: t.exposeString('rpId', { description: 'The domain that the passkeys belong to.' }),
    userHandle: t.exposeString('userHandle', {
      description: 'The random id by which authenticators know the account, in base64url.',
    }),
    credentialIds: t.stringList({
      description: 'The ids of all passkeys of the account, in base64url.',
      resolve: (signals) => [...signals.credentialIds],
    }),
    name: t.exposeString('name', { description: 'The email address of the account.' }),
    displayName: t.exposeString('displayName', {
      description: 'The name of the person, or the email address.',
    }),
  }),
});

builder.objectField(ViewerType, 'passkeys', (t) =>
  t.field({
    type: [PasskeyType],
    description:
      'The person’s passkeys, oldest first. They are listed even while `authSettings.passkeys` is false.',
    resolve: (viewer, _args, { deps }) => run(deps.db, listPasskeys(viewer.user.id)),
  }),
);

builder.objectField(ViewerType, 'passkeySignals', (t) =>
  t.field({
    type: PasskeySignalsType,
    nullable: true,
    description:
      'What a page reports to authenticators about this account. Null for a person who never had a passkey, and if this server offers none.',
    resolve: async ({ user }, _args, { deps }) => {
      const { enabled, rpId } = deps.config.passkeys;
      const userHandle = enabled ? await run(deps.db, findUserHandle(user.id)) : null;
      if (!userHandle) return null;
      const passkeys = await run(deps.db, listPasskeys(user.id));
      return {
        rpId,
        userHandle: toBase64url(userHandle),
        credentialIds: passkeys.map(({ credentialId }) => toBase64url(credentialId)),
        name: user.email,
        displayName: user.name ?? user.email,
      };
    },
  }),
);
