import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLSchema,
  specifiedDirectives,
} from 'graphql';
import { builder } from '../graphql/builder.ts';
import '../graphql/scalars.ts';
import '../journeys/account/graphql.ts';
import '../journeys/email-change/graphql.ts';
import '../journeys/email-sign-in/graphql.ts';
import '../journeys/impersonation/graphql.ts';
import '../journeys/invitation/graphql.ts';
import '../journeys/passkey/graphql.ts';
import '../journeys/passkey/own-graphql.ts';
import '../journeys/passkey/viewer-graphql.ts';
import '../journeys/password/graphql.ts';
import '../journeys/reauthentication/graphql.ts';
import '../journeys/sessions/graphql.ts';
import '../journeys/sign-in/auth-settings.ts';
import '../journeys/sign-in/graphql.ts';
import '../journeys/sign-up/graphql.ts';
import '../journeys/two-factor/challenge-graphql.ts';
import '../journeys/two-factor/graphql.ts';
import '../journeys/two-factor/passkey-graphql.ts';
import '../journeys/two-factor/status-graphql.ts';
import '../journeys/social/graphql.ts';
import '../journeys/undo/graphql.ts';
import '../proofs/passkey/graphql.ts';
import '../proofs/password/graphql.ts';
import '../proofs/second-factor/graphql.ts';

/**
 * Root fields that need no sign-in. Every other root field has an authorization scope; a test compares the
 * schema with this list (GQ-11).
 */
export const PUBLIC_FIELDS: readonly string[] = [
  'Query.viewer',
  'Query.authSettings',
  'Query.mailedToken',
  'Mutation.register',
  'Mutation.verifyEmail',
  'Mutation.resendEmailVerification',
  'Mutation.login',
  'Mutation.requestEmailSignIn',
  'Mutation.completeEmailSignIn',
  'Mutation.acceptInvitation',
  'Mutation.verifyMfa',
  'Mutation.sendMfaEmailCode',
  'Mutation.refreshToken',
  'Mutation.requestPasswordReset',
  'Mutation.resetPassword',
  'Mutation.undoEmailChange',
  'Mutation.undoSecurityChange',
  'Mutation.startOAuth',
  'Mutation.completeOAuth',
  'Mutation.startPasskeySignIn',
  'Mutation.completePasskeySignIn',
  'Mutation.startPasskeyMfa',
  'Mutation.verifyPasskeyMfa',
  'Mutation.completeHandover',
];

const requiresStepUp = new GraphQLDirective({
  name: 'requiresStepUp',
  description:
    'The session must have authenticated recently (STEP_UP_MAX_AGE), with a second factor if the person has one. Otherwise the field returns StepUpRequiredError.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
});

/**
 * The executable schema. Needs no environment and opens nothing.
 *
 * @param options.sorted by name, to be printed and compared. Sorting builds every type a second
 *   time, which the start of a server does without (ADR-0022)
 */
export function createSchema({ sorted = true } = {}): GraphQLSchema {
  return builder.toSchema({
    sortSchema: sorted,
    directives: [...specifiedDirectives, requiresStepUp],
  });
}
