import { signUpAdministrator } from './administrators.ts';
import { documentOf } from './documents.ts';
import { type Person, signUp } from './journeys.ts';
import type { TestServer } from './server.ts';

/** Switches impersonation on. */
export const IMPERSONATION = { IMPERSONATION: 'true' } as const;

const IMPERSONATE = `mutation ($input: ImpersonateUserInput!) { impersonateUser(input: $input) {
  __typename ... on HandoverIssued { handoverToken expiresAt }
  ... on ForbiddenError { permission } ... on InvalidInputError { issues { path message } } } }`;

export const COMPLETE_HANDOVER = documentOf(
  'completeHandover',
  `mutation ($input: CompleteHandoverInput!) { completeHandover(input: $input) {
    __typename
    ... on SignedIn { accessToken refreshToken deviceToken refreshTokenExpiresAt
      viewer { user { id } session { id methods impersonatedBy expiresAt } } }
    ... on InvalidInputError { issues { message } } } }`,
);

export const REASON = 'ticket 4711';

/** Asks to act as a person. */
export async function askFor(
  server: TestServer,
  { accessToken: token }: Pick<Person, 'accessToken'>,
  { userId }: Pick<Person, 'userId'>,
  reason = REASON,
) {
  const { data } = await server.admin(IMPERSONATE, { input: { userId, reason } }, { token });
  return data.impersonateUser;
}

/** Exchanges a handover token. */
export async function completeHandover(server: TestServer, handoverToken: string) {
  const { data } = await server.graphql(COMPLETE_HANDOVER, { input: { handoverToken } });
  return data.completeHandover;
}

/** A session in which the administrator acts as the person, in the form of a person. */
export async function impersonate(
  server: TestServer,
  administrator: Pick<Person, 'accessToken'>,
  person: Person,
): Promise<Person> {
  const { handoverToken } = await askFor(server, administrator, person);
  const signedIn = await completeHandover(server, handoverToken);
  if (signedIn.__typename !== 'SignedIn') throw new Error(`Got ${signedIn.__typename}.`);
  const { accessToken, refreshToken, viewer } = signedIn;
  return {
    ...person,
    accessToken,
    refreshToken: refreshToken ?? '',
    sessionId: viewer.session.id,
  };
}

/** An administrator, a person, and the session in which the one acts as the other. */
export async function impersonated(server: TestServer) {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  return { administrator, person, acting: await impersonate(server, administrator, person) };
}
