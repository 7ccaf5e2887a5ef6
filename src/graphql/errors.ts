import {
  ImpersonatedSessionError,
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

/** The interface of all errors in result unions. */
export const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description:
    'An expected failure that a client should show or act on. Faults of the server are top-level errors.',
  fields: (t) => ({
    message: t.exposeString('message', {
      description:
        'A fixed English text for this kind of error. Branch on `__typename`, not on the text.',
    }),
  }),
});

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One invalid field of the input.',
  fields: (t) => ({
    path: t.stringList({
      description: 'The path of the field, starting at the argument, e.g. `["input", "email"]`.',
      resolve: (issue) => [...issue.path],
    }),
    message: t.exposeString('message', {
      description: 'The rule that the value breaks. Never contains the value.',
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'A field of the input is invalid. Nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'Every invalid field.',
      resolve: (error) => [...error.issues],
    }),
  }),
});

builder.objectType(NotAuthenticatedError, {
  name: 'NotAuthenticatedError',
  description: 'The request has no valid session: the access token is missing, expired or revoked.',
  interfaces: [ErrorInterface],
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description:
    'The object does not exist or belongs to someone else. The answer is the same in both cases.',
  interfaces: [ErrorInterface],
});

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description:
    'Too many attempts from this network or on this account. The answer is the same for addresses without an account.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      description: 'The number of seconds to wait before the same request can be evaluated.',
    }),
  }),
});

builder.objectType(ServerBusyError, {
  name: 'ServerBusyError',
  description:
    'Too many passwords are being checked at the moment. Nothing was decided; try again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      description: 'The number of seconds to wait before trying again.',
    }),
  }),
});

const ReauthenticationMethodType = builder.enumType('ReauthenticationMethod', {
  description: 'A way to reauthenticate on an existing session.',
  values: {
    PASSWORD: { description: 'The password: `reauthenticate(input: { password })`.' },
    TOTP: { description: 'A code from the authenticator app.' },
    EMAIL: { description: 'A code sent by email.' },
    BACKUP_CODE: { description: 'One of the backup codes.' },
    PASSKEY: {
      description:
        'A passkey: call `startPasskeyReauthentication`, then `reauthenticate(input: { passkey })`. It proves both factors.',
    },
    OAUTH: {
      description: 'A linked account: sign in with it again. This server does not offer it yet.',
    },
  } as const,
});

builder.objectType(StepUpRequiredError, {
  name: 'StepUpRequiredError',
  description:
    'The session is signed in, but its last authentication is too old for this operation. Call `reauthenticate`, then send the operation again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    maxAgeSeconds: t.exposeInt('maxAgeSeconds', {
      description: 'The maximum age of the authentication, in seconds.',
    }),
    methods: t.field({
      type: [ReauthenticationMethodType],
      description:
        'The methods with which this person can reauthenticate. None in a session in which an administrator acts as the person (`Session.impersonatedBy`): such a session cannot do this.',
      resolve: (error) => [...error.methods],
    }),
  }),
});

builder.objectType(MfaEnrollmentRequiredError, {
  name: 'MfaEnrollmentRequiredError',
  description:
    'This server requires two-step verification, and this session has not proven a second factor. Until it does, it can only set one up (`enableTotp`, `confirmTotp`, `enableEmailMfa`, `confirmEmailMfa`, `startPasskeyEnrollment`, `completePasskeyEnrollment`, `enablePasskeyMfa`), prove one (`startPasskeyReauthentication`, `sendReauthenticationCode`, `reauthenticate`) or sign out.',
  interfaces: [ErrorInterface],
});

builder.objectType(ImpersonatedSessionError, {
  name: 'ImpersonatedSessionError',
  description:
    'An administrator acts as the person in this session (`Session.impersonatedBy`). It reads and signs out, and changes nothing.',
  interfaces: [ErrorInterface],
});

/** Members of the union of every mutation. */
export const anyone = [InvalidInputError, RateLimitedError] as const;

const ofSession = [...anyone, NotAuthenticatedError, MfaEnrollmentRequiredError] as const;

/** Members of the union of every mutation that requires a session. */
export const signedInOnly = [...ofSession, ImpersonatedSessionError] as const;

/** Members of the union of mutations that accept a session without the required second factor. */
export const enrolling = [...anyone, NotAuthenticatedError] as const;

/** Members of the union of every sensitive mutation. */
export const sensitive = [...ofSession, StepUpRequiredError] as const;

/**
 * Makes a field sensitive: it requires a step-up and has the directive that shows clients so (SE-6). Spread it
 * into the field's options.
 */
export const requiresStepUp = {
  authScopes: { stepUp: true },
  directives: { requiresStepUp: {} },
} as const;

/**
 * The same for setting up a second factor, which is also possible with a session that lacks the required one.
 */
export const requiresStepUpToEnroll = {
  authScopes: { enrollStepUp: true },
  directives: { requiresStepUp: {} },
} as const;
