import { EmailVerificationRequiredType } from '../../email-verification/graphql.ts';
import { builder } from '../../graphql/builder.ts';
import { costly } from '../../graphql/costly.ts';
import { anyone, enrolling, requiresStepUpToEnroll } from '../../graphql/errors.ts';
import {
  ceremonyTokenRule,
  clientDataRule,
  credentialIdRule,
  requiredNameRule,
  transportsRule,
  webauthnRule,
} from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { requireViewer } from '../../graphql/viewer.ts';
import { NotFoundError, ServerBusyError, StepUpRequiredError } from '../../kernel/errors.ts';
import { InvalidPasskeyError, PasskeyLimitError } from '../../proofs/passkey/errors.ts';
import {
  PasskeyProofInput,
  PasskeyRequestType,
  PasskeyType,
  readPasskeyProof,
} from '../../proofs/passkey/graphql.ts';
import { LIMITED_CHANGE, limitedBy, WRITES_NOTHING } from '../../rate-limit/limits.ts';
import { RULES } from '../../rate-limit/rules.ts';
import { ViewerType } from '../../session/graphql.ts';
import { applySignIn, SignedInType } from '../../sign-in-gate/graphql.ts';
import { completePasskeyEnrollment, type PasskeyAdded } from './complete-enrollment.ts';
import { completePasskeySignIn } from './complete-sign-in.ts';
import { type PasskeyEnrollment, startPasskeyEnrollment } from './start-enrollment.ts';
import { startPasskeySignIn } from './start-sign-in.ts';

builder.mutationField('startPasskeySignIn', (t) =>
  t.errorUnionField({
    rateLimits: WRITES_NOTHING,
    description:
      'Start signing in with a passkey. It takes no address: the authenticator offers the passkeys that it has. Returns NotFoundError if this server offers no passkeys.',
    types: [PasskeyRequestType, NotFoundError, ...anyone],
    union: resultUnion('startPasskeySignIn'),
    resolve: (_root, _args, { deps }) => startPasskeySignIn(deps),
  }),
);

const CompletePasskeySignInInput = builder.inputType('CompletePasskeySignInInput', {
  description: 'The proof with a passkey.',
  fields: (t) => ({
    proof: t.field({
      type: PasskeyProofInput,
      required: true,
      description: 'The token of `startPasskeySignIn`, and the result of the browser.',
    }),
  }),
});

builder.mutationField('completePasskeySignIn', (t) =>
  t.errorUnionField({
    rateLimits: limitedBy(
      RULES.passkey,
      RULES.mailBurst,
      RULES.mailDay,
      RULES.signInsAccount,
      RULES.signInsSource,
    ),
    ...costly,
    description:
      'Complete a sign-in with a passkey. The authenticator must have verified the person, so the passkey is both factors at once, and no second factor is asked for.',
    types: [SignedInType, EmailVerificationRequiredType, InvalidPasskeyError, ...anyone],
    union: resultUnion('completePasskeySignIn'),
    args: {
      input: t.arg({
        type: CompletePasskeySignInInput,
        required: true,
        description: 'The proof with a passkey.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { deps, client } = context;
      const proof = readPasskeyProof(input.proof);
      return applySignIn(context, await completePasskeySignIn(deps, proof, client));
    },
  }),
);

const PasskeyEnrollmentType = builder.objectRef<PasskeyEnrollment>('PasskeyEnrollment').implement({
  description:
    'A started enrollment. Pass `options` to `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials.create`, and send the result with `ceremonyToken` in this session.',
  fields: (t) => ({
    ceremonyToken: t.exposeString('ceremonyToken', {
      description: 'Stands for this enrollment. It works once, in the session that started it.',
    }),
    options: t.expose('options', {
      type: 'PasskeyCreationOptions',
      description: 'The options for the browser, with the challenge.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the enrollment expires.',
    }),
  }),
});

builder.mutationField('startPasskeyEnrollment', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUpToEnroll,
    description: 'Start adding a passkey. Returns NotFoundError if this server offers no passkeys.',
    types: [
      PasskeyEnrollmentType,
      PasskeyLimitError,
      NotFoundError,
      StepUpRequiredError,
      ...enrolling,
    ],
    union: resultUnion('startPasskeyEnrollment'),
    resolve: async (_root, _args, context) =>
      await startPasskeyEnrollment(context.deps, await requireViewer(context)),
  }),
);

const PasskeyAddedType = builder.objectRef<PasskeyAdded>('PasskeyAdded').implement({
  description: 'The passkey was added. Every other session of the person has ended.',
  fields: (t) => ({
    passkey: t.field({
      type: PasskeyType,
      description: 'The new passkey.',
      resolve: (added) => added.passkey,
    }),
    backupCodes: t.stringList({
      nullable: true,
      description:
        'Ten backup codes, returned only if the passkey became the first second factor and never shown again. Otherwise null.',
      resolve: (added) => added.backupCodes && [...added.backupCodes],
    }),
    viewer: t.field({
      type: ViewerType,
      description: 'The person, with the new passkey.',
      resolve: (added) => added.viewer,
    }),
  }),
});

const PasskeyAttestationInput = builder.inputType('PasskeyAttestationInput', {
  description:
    'What `navigator.credentials.create` returned: `toJSON().id` and members of `toJSON().response`, in base64url.',
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
    attestationObject: t.string({
      required: true,
      description: '`response.attestationObject`. Its attestation statement is not evaluated.',
      validate: { schema: webauthnRule(32_768) },
    }),
    transports: t.stringList({
      description: '`response.transports`: how browsers reach the authenticator later.',
      validate: { schema: transportsRule },
    }),
  }),
});

const CompletePasskeyEnrollmentInput = builder.inputType('CompletePasskeyEnrollmentInput', {
  description: 'The new passkey.',
  fields: (t) => ({
    ceremonyToken: t.string({
      required: true,
      description: 'The `ceremonyToken` of `startPasskeyEnrollment`.',
      validate: { schema: ceremonyTokenRule },
    }),
    attestation: t.field({
      type: PasskeyAttestationInput,
      required: true,
      description: 'What `navigator.credentials.create` returned.',
    }),
    name: t.string({
      description:
        'The name by which the person knows it, 1 to 200 characters. By default the name of the authenticator, or `Passkey`.',
      validate: { schema: requiredNameRule },
    }),
    alsoSecondFactor: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'True to make the passkeys of this person a second factor, too: signing in with a password then asks for one. It also ends `MfaStatus.enrollmentRequired` in this session.',
    }),
  }),
});

builder.mutationField('completePasskeyEnrollment', (t) =>
  t.errorUnionField({
    rateLimits: LIMITED_CHANGE,
    ...requiresStepUpToEnroll,
    ...costly,
    description:
      'Complete adding a passkey, in the session that started it. Every other session of the person ends, and a mail reports it.',
    types: [
      PasskeyAddedType,
      InvalidPasskeyError,
      PasskeyLimitError,
      ServerBusyError,
      StepUpRequiredError,
      ...enrolling,
    ],
    union: resultUnion('completePasskeyEnrollment'),
    args: {
      input: t.arg({
        type: CompletePasskeyEnrollmentInput,
        required: true,
        description: 'The new passkey.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const { transports, ...attestation } = input.attestation;
      const { ceremonyToken, name, alsoSecondFactor } = input;
      const presented = {
        ceremonyToken,
        attestation: { ...attestation, transports: transports ?? [] },
        name: name ?? null,
        alsoSecondFactor,
      };
      const viewer = await requireViewer(context);
      const { deps, client, deadline } = context;
      return await completePasskeyEnrollment(deps, viewer, presented, client, deadline.signal);
    },
  }),
);
