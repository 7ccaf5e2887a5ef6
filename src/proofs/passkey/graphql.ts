import { GraphQLError } from 'graphql';
import type { Passkey } from '../../db/tables/passkey.ts';
import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import {
  ceremonyTokenRule,
  clientDataRule,
  credentialIdRule,
  webauthnRule,
} from '../../graphql/inputs.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { InvalidPasskeyError, PasskeyLimitError } from './errors.ts';
import { makerOf } from './makers.ts';
import type { PasskeyProof } from './prove.ts';
import type { PasskeyRequest } from './request.ts';

builder.scalarType('PasskeyCreationOptions', {
  description:
    'The options of a new passkey, as an object for `PublicKeyCredential.parseCreationOptionsFromJSON`.',
  serialize: (options) => options,
  parseValue: refuseInput,
});

builder.scalarType('PasskeyRequestOptions', {
  description:
    'The options of a proof with a passkey, as an object for `PublicKeyCredential.parseRequestOptionsFromJSON`.',
  serialize: (options) => options,
  parseValue: refuseInput,
});

function refuseInput(): never {
  throw new GraphQLError('This is not an input.');
}

export const PasskeyType = builder.objectRef<Passkey>('Passkey').implement({
  description:
    'A passkey: a key pair in an authenticator of the person, such as a telephone, a password manager or a security key. The server has its public key only.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'A UUIDv7.' }),
    name: t.exposeString('name', {
      description:
        'The name by which the person knows it. By default the name of the authenticator, or `Passkey`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used; null if it never was.',
    }),
    synced: t.exposeBoolean('backupEligible', {
      description:
        'True if it can be synced to the person’s other devices. False for a passkey that is bound to one device.',
    }),
    provider: t.string({
      nullable: true,
      description:
        'The product name, looked up by the AAGUID; null if unknown. It is not attested, so use it for display only.',
      resolve: (passkey) => makerOf(passkey.aaguid),
    }),
  }),
});

builder.objectType(InvalidPasskeyError, {
  name: 'InvalidPasskeyError',
  description:
    'The passkey could not be verified. It is unknown, was removed or belongs to someone else, the ceremony is late or was presented before, or the proof is wrong. The answer is the same in all cases; the server’s log and audit log contain the reason. Start again.',
  interfaces: [ErrorInterface],
});

builder.objectType(PasskeyLimitError, {
  name: 'PasskeyLimitError',
  description: 'The person has as many passkeys as this server allows.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'How many passkeys a person may have.' }),
  }),
});

const PasskeyAssertionInput = builder.inputType('PasskeyAssertionInput', {
  description:
    'What `navigator.credentials.get` returned: `toJSON().id` and the members of `toJSON().response`, all in base64url.',
  fields: (t) => ({
    id: t.string({
      required: true,
      description: 'The id of the credential.',
      validate: { schema: credentialIdRule },
    }),
    clientDataJSON: t.string({
      required: true,
      description: '`response.clientDataJSON`.',
      validate: { schema: clientDataRule },
    }),
    authenticatorData: t.string({
      required: true,
      description: '`response.authenticatorData`.',
      validate: { schema: webauthnRule(8_192) },
    }),
    signature: t.string({
      required: true,
      description: '`response.signature`.',
      validate: { schema: webauthnRule(2_048) },
    }),
    userHandle: t.string({
      description: '`response.userHandle`. A sign-in needs it.',
      validate: { schema: webauthnRule(128) },
    }),
  }),
});

/** What every proof with a passkey takes. */
export const PasskeyProofInput = builder.inputType('PasskeyProofInput', {
  description: 'The token of a ceremony, and what the authenticator signed in it.',
  fields: (t) => ({
    ceremonyToken: t.string({
      required: true,
      description: 'The `ceremonyToken` of the `PasskeyRequest`. It works once.',
      validate: { schema: ceremonyTokenRule },
    }),
    assertion: t.field({
      type: PasskeyAssertionInput,
      required: true,
      description: 'What `navigator.credentials.get` returned.',
    }),
  }),
});

/** Reads a {@link PasskeyProofInput}. */
export function readPasskeyProof(input: typeof PasskeyProofInput.$inferInput): PasskeyProof {
  const { ceremonyToken, assertion } = input;
  return {
    ceremonyToken,
    assertion: { ...assertion, userHandle: assertion.userHandle ?? null },
  };
}

export const PasskeyRequestType = builder.objectRef<PasskeyRequest>('PasskeyRequest').implement({
  description:
    'A started ceremony. Pass `options` to `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`, and send the result with `ceremonyToken`.',
  fields: (t) => ({
    ceremonyToken: t.exposeString('ceremonyToken', {
      description: 'Stands for this ceremony. Keep it in this browser; it works once.',
    }),
    options: t.expose('options', {
      type: 'PasskeyRequestOptions',
      description: 'The options for the browser, with the challenge.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the ceremony expires. Start another ceremony before then.',
    }),
  }),
});
