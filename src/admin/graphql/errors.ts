import {
  ConflictError,
  type InputIssue,
  InvalidInputError,
  MissingPermissionError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
  StepUpRequiredError,
} from '../../kernel/errors.ts';
import { ADMIN_PERMISSIONS, type AdminPermission } from '../../role/permissions.ts';
import { builder } from './builder.ts';

export const AdminPermissionType = builder.enumType('AdminPermission', {
  description: 'What a caller of this API may do.',
  values: Object.fromEntries(
    Object.entries(ADMIN_PERMISSIONS).map(([name, description]) => [name, { description }]),
  ) as Record<AdminPermission, { description: string }>,
});

/** What every expected failure has. */
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
      description: 'The path of the field, starting at the argument, e.g. `["input", "name"]`.',
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
  description:
    'The request has neither a valid admin token nor a valid session: it is missing, expired or revoked.',
  interfaces: [ErrorInterface],
});

builder.objectType(MissingPermissionError, {
  name: 'ForbiddenError',
  description:
    'The caller lacks the permission of the field; or would grant, or act on somebody who has, a permission that the caller lacks.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    permission: t.field({
      type: AdminPermissionType,
      description: 'The missing permission.',
      resolve: (error) => error.permission as AdminPermission,
    }),
  }),
});

builder.objectType(StepUpRequiredError, {
  name: 'StepUpRequiredError',
  description:
    'The session has proven no second factor, or too long ago. Prove one with `reauthenticate` of the public API on this port, then send the operation again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    maxAgeSeconds: t.exposeInt('maxAgeSeconds', {
      description: 'The maximum age of the second factor, in seconds.',
    }),
  }),
});

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'The caller has made too many changes. Nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      description: 'The number of seconds to wait before the same request can be evaluated.',
    }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'An object that the input names does not exist. Nothing was changed.',
  interfaces: [ErrorInterface],
});

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description:
    'Somebody else changed the object since you read it, or it cannot be changed this way. Nothing was changed.',
  interfaces: [ErrorInterface],
});

/** Members of the union of every mutation. */
export const everyone = [
  NotAuthenticatedError,
  StepUpRequiredError,
  MissingPermissionError,
  InvalidInputError,
  RateLimitedError,
] as const;

export const NodeInterface = builder.interfaceRef<{ readonly id: string }>('Node').implement({
  description:
    'An object whose id is unique across all types, so that a normalized cache can store it under the id alone.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Unique across all types. An id never changes and is never reused.',
    }),
  }),
});
