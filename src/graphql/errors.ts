import {
  type InputIssue,
  InvalidInputError,
  MfaEnrollmentRequiredError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
  ServerBusyError,
  StepUpRequiredError,
} from '../kernel/errors.ts';
import { builder } from './builder.ts';

/** What every refusal has in common. */
export const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description: 'A refusal: something a person can meet and a client should show or act on.',
  fields: (t) => ({
    message: t.exposeString('message', {
      description: 'Fixed English words for this kind of refusal. Branch on `__typename` instead.',
    }),
  }),
});

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One refused field of the input.',
  fields: (t) => ({
    path: t.stringList({
      description: 'Where: the field path from the argument on, e.g. `["input", "email"]`.',
      resolve: (issue) => [...issue.path],
    }),
    message: t.exposeString('message', { description: 'The broken rule. Never the value.' }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'The input breaks a rule of its fields. Nothing was done.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'Every refused field.',
      resolve: (error) => [...error.issues],
    }),
  }),
});

builder.objectType(NotAuthenticatedError, {
  name: 'NotAuthenticatedError',
  description:
    'No live session came with the request: the access token is missing, over or revoked.',
  interfaces: [ErrorInterface],
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'There is no such thing, or it is not yours: one answer for both.',
  interfaces: [ErrorInterface],
});

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'Too many attempts from here or on this account. The same for unknown accounts.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      description: 'Seconds to wait before the same request can be evaluated.',
    }),
  }),
});

builder.objectType(ServerBusyError, {
  name: 'ServerBusyError',
  description: 'Too many passwords are being checked at once. Nothing was decided; try again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      description: 'Seconds to wait before trying again.',
    }),
  }),
});

const ReauthenticationMethodType = builder.enumType('ReauthenticationMethod', {
  description: 'A way to prove again who is asking, on a session that already exists.',
  values: {
    PASSWORD: { description: 'The password: `reauthenticate(input: { password })`.' },
    TOTP: { description: 'A code of the authenticator app.' },
    EMAIL: { description: 'A code by mail.' },
    BACKUP_CODE: { description: 'One of the backup codes.' },
    PASSKEY: { description: 'A passkey. Not offered by this server yet.' },
    OAUTH: {
      description: 'A linked account: sign in with it again. Not offered by this server yet.',
    },
  } as const,
});

builder.objectType(StepUpRequiredError, {
  name: 'StepUpRequiredError',
  description:
    'Signed in, but the proof is too old for this. Call `reauthenticate`, then send it again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    maxAgeSeconds: t.exposeInt('maxAgeSeconds', {
      description: 'How fresh the proof must be, in seconds.',
    }),
    methods: t.field({
      type: [ReauthenticationMethodType],
      description: 'What this person can prove themself with.',
      resolve: (error) => [...error.methods],
    }),
  }),
});

builder.objectType(MfaEnrollmentRequiredError, {
  name: 'MfaEnrollmentRequiredError',
  description:
    'This server asks everybody for a second factor and none was proven on this session. Until then it can only set one up (`enableTotp`, `confirmTotp`, `enableEmailMfa`, `confirmEmailMfa`), prove one (`reauthenticate`) or sign out.',
  interfaces: [ErrorInterface],
});

/** Members of every mutation's union. */
export const anyone = [InvalidInputError, RateLimitedError] as const;

/** Members of every signed-in mutation's union. */
export const signedInOnly = [...anyone, NotAuthenticatedError, MfaEnrollmentRequiredError] as const;

/** Members where a session that still owes its second factor is let through. */
export const enrolling = [...anyone, NotAuthenticatedError] as const;

/** Members of every sensitive mutation's union. */
export const sensitive = [...signedInOnly, StepUpRequiredError] as const;

/**
 * What makes a field sensitive: the demand and the directive that tells clients of it, in one
 * (SE-6). Spread it into the field's options.
 */
export const requiresStepUp = {
  authScopes: { stepUp: true },
  directives: { requiresStepUp: {} },
} as const;

/** The same for setting up a second factor, which a session that owes one may do as well. */
export const requiresStepUpToEnroll = {
  authScopes: { enrollStepUp: true },
  directives: { requiresStepUp: {} },
} as const;
