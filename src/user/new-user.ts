import type { User } from '../db/tables/user.ts';

/**
 * A person as the first row says it: the given columns, and nothing else that anybody said or proved.
 *
 * @param given.createdAt also the time of the last change
 */
export function newUser(given: Pick<User, 'id' | 'email' | 'createdAt'> & Partial<User>): User {
  return {
    emailVerifiedAt: null,
    name: null,
    picture: null,
    locale: null,
    externalId: null,
    passwordHash: null,
    passwordFromMail: false,
    credentialVersion: 1,
    disabledAt: null,
    disabledReason: null,
    hasSecondFactor: false,
    lastSignInAt: null,
    claimsVersion: 1,
    attributes: {},
    preferences: {},
    deviceTokensVoidBefore: null,
    updatedAt: given.createdAt,
    ...given,
  };
}
