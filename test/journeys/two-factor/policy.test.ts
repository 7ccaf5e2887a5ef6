import {
  type GraphQLInputType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { expect } from 'vitest';
import { PUBLIC_FIELDS } from '../../../src/graphql-engine/schema.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { refresh, signIn, signUp } from '../../support/journeys.ts';
import { publicSchema } from '../../support/schema.ts';
import {
  callAs,
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  signInWithTotp,
} from '../../support/second-factor.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/** What a session without its required second factor may do: set one up, prove one, sign out. */
const MAY_ENROL = [
  'completePasskeyEnrollment',
  'confirmEmailMfa',
  'confirmTotp',
  'enableEmailMfa',
  'enablePasskeyMfa',
  'enableTotp',
  'logout',
  'reauthenticate',
  'sendReauthenticationCode',
  'startPasskeyEnrollment',
  'startPasskeyReauthentication',
];

const clock = createFakeClock();
const test = testWithServer({ clock, env: { MFA_REQUIRED: 'true' } });

const schema = publicSchema();

/** A value of an input type that passes its rules, so that authorization is reached. */
function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType);
  if (isListType(type)) return [];
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const wanted = type.isOneOf
      ? fields.slice(0, 1)
      : fields.filter((field) => isNonNullType(field.type));
    return Object.fromEntries(wanted.map((field) => [field.name, sample(field.type)]));
  }
  const { name } = getNamedType(type);
  if (name === 'MfaMethod') return 'TOTP';
  if (name === 'EmailAddress') return 'new@example.com';
  if (name === 'URL') return 'https://app.example.com/';
  return name === 'Int' ? 1 : '12345678';
}

/** Sends every guarded mutation of the schema and returns each outcome. */
async function callEveryMutation(
  server: TestServer,
  token: string,
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  // Signing out comes last, because everything after it would be rejected for that reason.
  const isLast = (name: string) => Number(name === 'logout');
  for (const field of fields.toSorted((a, b) => isLast(a.name) - isLast(b.name))) {
    if (PUBLIC_FIELDS.includes(`Mutation.${field.name}`)) continue;
    const args = field.args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
    const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
    const document = `mutation ${args && `(${args})`} { ${field.name}${passed && `(${passed})`} { __typename } }`;
    const variables = Object.fromEntries(field.args.map((arg) => [arg.name, sample(arg.type)]));
    const answer = await server.graphql(document, variables, { token });
    outcomes[field.name] = answer.data?.[field.name]?.__typename ?? answer.text;
  }
  return outcomes;
}

test('a person without a second factor gets a session that can set one up, and nothing else', async ({
  server,
}) => {
  const person = await signUp(server);
  const outcomes = await callEveryMutation(server, (await signIn(server, person)).accessToken);
  const letThrough = Object.keys(outcomes).filter(
    (name) => outcomes[name] !== 'MfaEnrollmentRequiredError',
  );
  expect(letThrough.toSorted()).toEqual(MAY_ENROL);
  expect(Object.keys(outcomes).length).toBeGreaterThan(MAY_ENROL.length);
});

test('of the viewer it can read who it is and what is missing; a field without a rule is denied', async ({
  server,
}) => {
  const { accessToken: token } = await signIn(server, await signUp(server));
  const viewer = schema.getType('Viewer');
  if (!viewer || !('getFields' in viewer)) throw new Error('No Viewer.');
  const seen: string[] = [];
  for (const name of Object.keys(viewer.getFields())) {
    const answer = await server.graphql(`{ viewer { ${name} { __typename } } }`, undefined, {
      token,
    });
    if (answer.data?.viewer?.[name]) seen.push(name);
    else expect(answer.errors[0]?.extensions).toMatchObject({ code: 'REFUSED' });
  }
  expect(seen.toSorted()).toEqual(['mfa', 'session', 'user']);
  const { data } = await server.graphql(MFA.viewer, undefined, { token });
  expect(data.viewer.mfa.enrollmentRequired).toBe(true);
});

test('its access token names another audience, so no other service accepts it', async ({
  server,
}) => {
  const person = await signUp(server);
  const audienceOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).aud;
  const restricted = await signIn(server, person);
  expect(audienceOf(restricted.accessToken)).toBe('http://localhost:4000/mfa-enrollment');
  // RR-9: a refresh checks again and does not lift the restriction.
  const refreshed = await refresh(server, restricted.refreshToken);
  expect(audienceOf(refreshed.accessToken)).toBe('http://localhost:4000/mfa-enrollment');
  await enrollTotp(server, { ...restricted, accessToken: refreshed.accessToken });
  const lifted = await refresh(server, refreshed.refreshToken);
  expect(audienceOf(lifted.accessToken)).toBe('http://localhost:4000');
});

test('MF-7: setting up an app lifts the restriction at once, and removing the last factor brings it back', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  clock.advance(30_000);
  const { accessToken: token } = await signInWithTotp(server, person);
  expect((await callAs(server, token, MFA.viewer)).mfa.enrollmentRequired).toBe(false);
  const others = 'mutation { revokeOtherSessions { __typename } }';
  expect((await callAs(server, token, others)).__typename).toBe('SessionsRevoked');
  expect((await callAs(server, token, MFA.disableTotp)).__typename).toBe('MfaDisabled');
  expect((await callAs(server, token, others)).__typename).toBe('MfaEnrollmentRequiredError');
});

test('EO-6: codes by mail do not lift the restriction of a session from the same mailbox until the password is proven', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signUp(server));
  const token = person.accessToken;
  const isRestricted = async () => (await callAs(server, token, MFA.viewer)).mfa.enrollmentRequired;
  expect(await isRestricted()).toBe(true);
  await callAs(server, token, MFA.reauthenticate, { password: person.password });
  expect(await isRestricted()).toBe(true);
  const count = (await mailCount(server, person.email)) + 1;
  await callAs(server, token, MFA.sendReauthenticationCode);
  const { code } = await server.mailTo(person.email, count);
  const input = { code: { method: 'EMAIL', code } };
  expect((await callAs(server, token, MFA.reauthenticate, input)).__typename).toBe('SignedIn');
  expect(await isRestricted()).toBe(false);
});

test('RR-9: a session from before the setting is restricted from the next start on', async () => {
  const before = await startTestServer({ clock });
  const person = await signUp(before);
  const after = await startTestServer({
    clock,
    database: before.database,
    env: {
      MFA_REQUIRED: 'true',
      SECRET_KEYS: before.app.deps.config.secretKeys.map((key) => key.toString('base64')).join(','),
    },
  });
  const others = 'mutation { revokeOtherSessions { __typename } }';
  const token = person.accessToken;
  expect((await callAs(before, token, others)).__typename).toBe('SessionsRevoked');
  expect((await callAs(after, token, others)).__typename).toBe('MfaEnrollmentRequiredError');
  await before.app.close();
  await after.close();
});
