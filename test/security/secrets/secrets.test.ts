import { type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { IMPERSONATION } from '../../support/impersonation.ts';
import { REDIRECT_URI, startServerWith } from '../../support/oauth.ts';
import { startForgingProvider } from '../../support/provider.ts';
import { publicSchema } from '../../support/schema.ts';
import { CONSUMERS } from './consumers.ts';
import { forgive, gather, type Kind, OWN_PAGE, type Stage } from './holder.ts';

/**
 * TK-5: every kind of secret this server gives out or asks for, presented at every place that
 * takes one. Only what a place is for opens it.
 */

let stage: Stage;
beforeAll(async () => {
  const clock = createFakeClock();
  const provider = await startForgingProvider(clock);
  const server = await startServerWith(
    [provider.setting('forger', { redirectUris: [REDIRECT_URI] })],
    {
      clock,
      env: {
        EMAIL_VERIFICATION: 'optional',
        EMAIL_SIGN_IN: 'existing',
        PUBLIC_URL: 'https://id.localhost',
        CORS_ORIGINS: OWN_PAGE.origin,
        REFRESH_COOKIE: 'true',
        ...IMPERSONATION,
      },
    },
  );
  stage = { clock, provider, server };
});
afterAll(async () => {
  await stage.server.close();
  await stage.provider.close();
});

/** Fields of inputs that prove nothing: what is wanted, of whom, and a password yet to be set. */
const PROVES_NOTHING = [
  'acceptInvitation.name',
  'acceptInvitation.password',
  'changePassword.newPassword',
  'completePasskeyEnrollment.alsoSecondFactor',
  'completePasskeyEnrollment.name',
  'confirmEmailChange.proof.code.email',
  'login.email',
  'login.registrationToken',
  'reauthenticate.code.method',
  'register.email',
  'register.name',
  'register.password',
  'register.registrationToken',
  'removePasskey.passkeyId',
  'renamePasskey.name',
  'renamePasskey.passkeyId',
  'requestEmailChange.newEmail',
  'requestEmailSignIn.email',
  'requestPasswordReset.email',
  'resendEmailVerification.email',
  'resendEmailVerification.registrationToken',
  'resetPassword.newPassword',
  'resetPassword.proof.code.email',
  'revokeSession.sessionId',
  'startOAuth.freshLogin',
  'startOAuth.provider',
  'startOAuth.redirectUri',
  'unlinkIdentity.identityId',
  'updateProfile.locale',
  'updateProfile.name',
  'updateProfile.picture',
  'updateProfile.preferences',
  'verifyEmail.name',
  'verifyEmail.password',
  'verifyEmail.proof.code.email',
  'verifyMfa.method',
];

function leaves(type: GraphQLInputType, path: string): readonly string[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return [path];
  return Object.values(named.getFields()).flatMap((field) =>
    leaves(field.type, `${path}.${field.name}`),
  );
}

test('TK-5: every argument of a query and every field of a mutation’s input is a consumer in the table, or proves nothing', () => {
  const schema = publicSchema();
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
  const found = [
    ...mutations.flatMap(({ name, args }) => args.flatMap(({ type }) => leaves(type, name))),
    ...queries.flatMap((field) => field.args.map(({ name }) => `${field.name}.${name}`)),
  ];
  const known = Object.values(CONSUMERS).flatMap((consumer) => consumer.fields);
  expect([...new Set([...known, ...PROVES_NOTHING])].toSorted()).toEqual(found.toSorted());
});

test('TK-5: every kind of secret has a consumer that accepts it, and all secrets differ', async () => {
  const { secrets } = await gather(stage);
  const taken = new Set<string>(Object.values(CONSUMERS).flatMap(({ takes }) => takes));
  // The app's secret makes codes and is itself asked for nowhere; a provider's ID token comes from
  // the provider alone; a registration's token proves nothing alone, and its address has an account.
  const never = Object.keys(secrets).filter((kind) => !taken.has(kind));
  expect(never.toSorted()).toEqual(['idToken', 'registrationToken', 'totpSecret']);
  const values = Object.values(secrets);
  expect(values.filter((value) => value.length < 6)).toEqual([]);
  expect(new Set(values).size).toBe(values.length);
});

describe('TK-5: each consumer accepts its own kind of secret and no other', () => {
  test.each(Object.entries(CONSUMERS))(
    '%s',
    async (_, consumer) => {
      for (const own of consumer.takes) {
        const holder = await gather(stage);
        await forgive(stage.server);
        await consumer.arrange?.(stage, holder);
        const present = async (kind: Kind) => {
          if (!consumer.keepsBudgets) await forgive(stage.server);
          return await consumer.present(stage, holder, holder.secrets[kind]);
        };
        const kinds = Object.keys(holder.secrets) as Kind[];
        const opened: string[] = [];
        for (const kind of kinds.filter((one) => !consumer.takes.includes(one))) {
          if (consumer.opens.includes(await present(kind))) opened.push(kind);
        }
        expect(opened).toEqual([]);
        // All those attempts have not used the right secret up.
        expect(consumer.opens).toContain(await present(own));
      }
    },
    60_000,
  );
});
