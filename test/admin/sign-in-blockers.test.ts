import { expect, test } from 'vitest';
import { lastingBlockers } from '../../src/admin/users/sign-in-blockers.ts';
import type { Config } from '../../src/config.ts';
import type { User } from '../../src/db/tables/user.ts';
import { type EnrolledFactors, NO_FACTORS } from '../../src/proofs/second-factor/enrolled.ts';
import { newUser } from '../../src/user/new-user.ts';

const NOW = new Date();
const ISSUER = 'https://id.example';

type Case = {
  readonly what: string;
  readonly user?: Partial<User>;
  readonly factors?: Partial<EnrolledFactors>;
  readonly linked?: string;
  readonly config?: object;
  readonly blockers: readonly string[];
};

const CONFIG = {
  emailVerification: 'required',
  emailSignIn: { mode: 'off' },
  mfaRequired: false,
  passkeys: { enabled: true },
  oauth: { providers: [{ id: 'id', protocol: 'openid', issuer: ISSUER }] },
};

const NO_PASSWORD = { passwordHash: null };
const FROM_MAIL = { passwordFromMail: true };

const CASES: readonly Case[] = [
  { what: 'somebody with a password', blockers: [] },
  { what: 'a disabled account', user: { disabledAt: NOW }, blockers: ['DISABLED'] },
  {
    what: 'an address that nobody has proven',
    user: { emailVerifiedAt: null },
    blockers: ['EMAIL_NOT_VERIFIED'],
  },
  {
    what: 'the same where no proof is required',
    user: { emailVerifiedAt: null },
    config: { emailVerification: 'optional' },
    blockers: [],
  },
  { what: 'an account without any way in', user: NO_PASSWORD, blockers: ['NO_WAY_IN'] },
  { what: 'a linked account', user: NO_PASSWORD, linked: ISSUER, blockers: [] },
  {
    what: 'a linked account of a provider that is no longer configured',
    user: NO_PASSWORD,
    linked: 'https://old.example',
    blockers: ['NO_WAY_IN'],
  },
  {
    what: 'sign-in by mail',
    user: NO_PASSWORD,
    config: { emailSignIn: { mode: 'existing' } },
    blockers: [],
  },
  { what: 'a passkey', user: NO_PASSWORD, factors: { hasPasskeys: true }, blockers: [] },
  {
    what: 'a passkey where passkeys are off',
    user: NO_PASSWORD,
    factors: { hasPasskeys: true },
    config: { passkeys: { enabled: false } },
    blockers: ['NO_WAY_IN'],
  },
  { what: 'a mailed code as the second factor', factors: { email: true }, blockers: [] },
  {
    what: 'a mailed code after a mailed reset',
    user: FROM_MAIL,
    factors: { email: true },
    blockers: ['NO_SECOND_FACTOR_LEFT'],
  },
  {
    what: 'the same with backup codes',
    user: FROM_MAIL,
    factors: { email: true, backupCodesRemaining: 1 },
    blockers: [],
  },
  {
    what: 'the same with an app',
    user: FROM_MAIL,
    factors: { email: true, totp: true },
    blockers: [],
  },
  {
    what: 'the same with a passkey to sign in with',
    user: FROM_MAIL,
    factors: { email: true, hasPasskeys: true },
    blockers: [],
  },
  {
    what: 'the same with a linked account',
    user: FROM_MAIL,
    factors: { email: true },
    linked: ISSUER,
    blockers: [],
  },
  {
    what: 'a passkey as the only second factor where passkeys are off',
    factors: { passkey: true, hasPasskeys: true },
    config: { passkeys: { enabled: false } },
    blockers: ['NO_SECOND_FACTOR_LEFT'],
  },
  {
    what: 'nobody’s factor where one is required',
    config: { mfaRequired: true },
    blockers: ['SECOND_FACTOR_ENROLLMENT_DUE'],
  },
  {
    what: 'a factor where one is required',
    factors: { totp: true },
    config: { mfaRequired: true },
    blockers: [],
  },
  {
    what: 'everything at once',
    user: { ...NO_PASSWORD, disabledAt: NOW, emailVerifiedAt: null },
    config: { mfaRequired: true },
    blockers: ['DISABLED', 'NO_WAY_IN', 'EMAIL_NOT_VERIFIED', 'SECOND_FACTOR_ENROLLMENT_DUE'],
  },
];

test.for(CASES)(
  'what keeps from signing in: $what',
  ({ user, factors, linked, config, blockers }) => {
    const person = newUser({
      id: 'id',
      email: 'a@example.com',
      createdAt: NOW,
      emailVerifiedAt: NOW,
      passwordHash: 'hash',
      ...user,
    });
    const identities = linked === undefined ? [] : [{ issuer: linked } as never];
    const settings = { ...CONFIG, ...config } as unknown as Config;
    const found = lastingBlockers(settings, person, {
      factors: { ...NO_FACTORS, ...factors },
      identities,
    });
    expect(found).toEqual(blockers);
  },
);
